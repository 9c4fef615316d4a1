import { createHash, timingSafeEqual } from 'node:crypto';
import { failure, type Result, success } from '../protocol/result.ts';
import type { Identity, User } from './broker-access.ts';
import { verifyPassword } from './password-hash.ts';

/** What the agent beside the broker logs in with: made at start, never written anywhere. */
export interface AgentCredentials {
  username: string;
  password: string;
  deviceId: string;
}

export type LoginRefusal = 'bad-credentials' | 'overloaded';

/** Checks of passwords at once: each holds 16 MiB and a thread of libuv's four. */
const checksAtOnceMaxCount = 2;
/** Checks that wait. Beyond it a login is refused as "server unavailable" instead of after seconds. */
const checksWaitingMaxCount = 16;

/** A well-formed hash that no password fits, so that an unknown name takes as long as a wrong password. */
const hashOfNobody = `$scrypt$ln=14,r=8,p=5$${'A'.repeat(22)}$${'A'.repeat(43)}`;

/** Says who a client is. */
export class Authenticator {
  private readonly users: ReadonlyMap<string, User>;
  private readonly agent: AgentCredentials | undefined;
  private readonly verify: typeof verifyPassword;
  private readonly waiting: (() => void)[] = [];
  private running = 0;

  /** @param verify how a password is checked, `verifyPassword` when left out */
  constructor(options: {
    users: readonly User[];
    agentCredentials?: AgentCredentials | undefined;
    verify?: typeof verifyPassword;
  }) {
    this.users = new Map(options.users.map((user) => [user.name, user]));
    this.agent = options.agentCredentials;
    this.verify = options.verify ?? verifyPassword;
  }

  /** @param username undefined for a client that gives none: it is anonymous */
  async authenticate(
    username: string | undefined,
    password: Uint8Array | undefined,
  ): Promise<Result<Identity, LoginRefusal>> {
    if (username === undefined) return success({ kind: 'anonymous' });
    const given = password ?? new Uint8Array();
    if (this.agent !== undefined && username === this.agent.username) {
      return equalInConstantTime(given, Buffer.from(this.agent.password))
        ? success({ kind: 'device', deviceId: this.agent.deviceId })
        : failure('bad-credentials');
    }
    return await this.authenticateUser(this.users.get(username), given);
  }

  private async authenticateUser(
    user: User | undefined,
    password: Uint8Array,
  ): Promise<Result<Identity, LoginRefusal>> {
    if (this.waiting.length >= checksWaitingMaxCount) return failure('overloaded');
    await this.takeTurn();
    try {
      const isRight = await this.verify(password, user?.passwordHash ?? hashOfNobody);
      if (!isRight || user === undefined) return failure('bad-credentials');
      return success({ kind: 'user', name: user.name, publish: user.publish, subscribe: user.subscribe });
    } finally {
      this.passTurn();
    }
  }

  private takeTurn(): Promise<void> | undefined {
    if (this.running >= checksAtOnceMaxCount) return new Promise((resolve) => this.waiting.push(resolve));
    this.running += 1;
    return undefined;
  }

  /** The place goes from hand to hand, so nobody who comes in between can take it. */
  private passTurn(): void {
    const next = this.waiting.shift();
    if (next === undefined) this.running -= 1;
    else next();
  }
}

/** Hashing first makes both sides the same length; the agent's password is random, so it needs no slow hash. */
function equalInConstantTime(left: Uint8Array, right: Uint8Array): boolean {
  const digest = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest();
  return timingSafeEqual(digest(left), digest(right));
}
