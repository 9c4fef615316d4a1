import { encodeRandomId, randomIdLengthBytes } from '../../protocol/messages.ts';

/**
 * What stops a replayed hello on a device whose clock cannot be trusted: a random value that the retained status carries,
 * renewed at start and at an interval. The value before the current one stays valid, for hellos on their way.
 */
export class Epochs {
  private readonly random: (lengthBytes: number) => Uint8Array;
  private readonly onRenewed: (generation: number) => void;
  private readonly intervalMs: number;
  private timer: NodeJS.Timeout | null = null;
  private values: [current: string, previous: string | null];
  private generation = 0;

  constructor(options: {
    random(lengthBytes: number): Uint8Array;
    intervalMs: number;
    /** @param generation counts the renewals */
    onRenewed(generation: number): void;
  }) {
    this.random = options.random;
    this.onRenewed = options.onRenewed;
    this.intervalMs = options.intervalMs;
    this.values = [this.draw(), null];
  }

  get current(): string {
    return this.values[0];
  }

  isValid(epoch: string): boolean {
    return epoch !== '' && this.values.includes(epoch);
  }

  start(): void {
    this.timer ??= setInterval(() => {
      this.values = [this.draw(), this.current];
      this.generation += 1;
      this.onRenewed(this.generation);
    }, this.intervalMs);
  }

  stop(): void {
    if (this.timer) clearInterval(this.timer);
    this.timer = null;
  }

  private draw(): string {
    return encodeRandomId(this.random(randomIdLengthBytes));
  }
}
