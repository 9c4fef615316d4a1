import { spawn } from 'node:child_process';

/** A notification that takes longer than this is given up: systemd is not listening. */
const timeoutMs = 5_000;

/**
 * Hands assignments such as `READY=1` to systemd. Node has no unix datagram sockets, so the program `systemd-notify` sends them;
 * it waits until systemd has read them, and with them knows who sent them. One at a time, in order.
 */
export class SystemdNotify {
  private readonly socket: string;
  private readonly searchPath: string;
  private last: Promise<unknown> = Promise.resolve();

  /** @param options.searchPath value of PATH, to find the program */
  constructor(options: { socket: string; searchPath: string }) {
    this.socket = options.socket;
    this.searchPath = options.searchPath;
  }

  /** @returns what went wrong, for people; null when it has arrived. Never rejects */
  send(assignments: readonly string[]): Promise<string | null> {
    const sent = this.last.then(() => this.run(assignments));
    this.last = sent;
    return sent;
  }

  private run(assignments: readonly string[]): Promise<string | null> {
    return new Promise((resolve) => {
      const child = spawn('systemd-notify', assignments, {
        env: { NOTIFY_SOCKET: this.socket, PATH: this.searchPath },
        stdio: 'ignore',
        timeout: timeoutMs,
      });
      child.on('error', (error) => resolve(error.message));
      child.on('exit', (code, signal) => resolve(code === 0 ? null : `systemd-notify ended with ${code ?? signal}`));
    });
  }
}
