import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { onTestEnd, tempDir } from './e2e/command.ts';

/** Prints each datagram as a line of JSON; Node has no unix datagrams. What it does not receive, a file handle, is closed. */
const receiver = `
import json, socket, sys
taken = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
taken.bind(sys.argv[1])
print(json.dumps("ready"), flush=True)
while True:
    print(json.dumps(taken.recv(65536).decode()), flush=True)
`;

/** The socket of a service manager. Ends with the test. */
export class NotifySocket {
  /** For `$NOTIFY_SOCKET`. */
  readonly path: string;
  /** All that was told, assignment by assignment. */
  readonly assignments: string[] = [];

  private constructor(path: string) {
    this.path = path;
  }

  static async open(): Promise<NotifySocket> {
    const socket = new NotifySocket(join(await tempDir(), 'notify'));
    const child = spawn('python3', ['-c', receiver, socket.path], { stdio: ['ignore', 'pipe', 'inherit'] });
    onTestEnd(() => child.kill('SIGKILL'));
    let pending = '';
    child.stdout.on('data', (chunk) => {
      const lines = (pending + chunk).split('\n');
      pending = lines.pop() ?? '';
      for (const line of lines)
        socket.assignments.push(...(JSON.parse(line) as string).split('\n').filter((text) => text.includes('=')));
    });
    await once(child.stdout, 'data');
    return socket;
  }

  count(assignment: string): number {
    return this.assignments.filter((told) => told === assignment).length;
  }
}
