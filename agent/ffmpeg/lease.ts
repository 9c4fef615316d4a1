export interface Lease {
  /** Gives back what was taken; the second call does nothing. */
  release(): void;
}

/** @param onRelease called once, at the first release */
export function buildLease(onRelease: () => void): Lease {
  let isReleased = false;
  return {
    release: () => {
      if (isReleased) return;
      isReleased = true;
      onRelease();
    },
  };
}
