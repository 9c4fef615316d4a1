/** A part of the daemon whose life the watchdog depends on. */
export interface HealthCheck {
  /** What is wrong with it, for people; null while it is well. */
  problem(): string | null;
}
