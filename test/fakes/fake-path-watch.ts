import type { WatchPath } from '../../agent/camera/path-watch.ts';

/** A file system whose events a test makes. */
export class FakePathWatch {
  readonly watched: string[] = [];
  private readonly listeners = new Set<() => void>();

  readonly watch: WatchPath = async (path, onEvent) => {
    this.watched.push(path);
    this.listeners.add(onEvent);
    return { close: () => this.listeners.delete(onEvent) };
  };

  get openCount(): number {
    return this.listeners.size;
  }

  /** Something happens at every path that is watched. */
  happen(): void {
    for (const listener of this.listeners) listener();
  }
}
