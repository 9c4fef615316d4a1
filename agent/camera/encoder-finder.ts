import { FfmpegError } from '../ffmpeg/ffmpeg-error.ts';
import { type FfmpegProgram, locateFfmpeg, readFfmpegVersion } from '../ffmpeg/find-ffmpeg.ts';
import { canEncodeVp8, chooseEncoder, type EncoderName } from './encoder.ts';
import {
  areLasting,
  buildEncoderCache,
  type CacheFile,
  type EncoderCacheKey,
  type EncoderFindings,
  parseEncoderCache,
  readCacheKey,
} from './encoder-cache.ts';
import type { Logger } from './logger.ts';

/** What pictures are encoded with. */
export interface VideoEncoder {
  ffmpeg: FfmpegProgram;
  encoder: EncoderName;
  hasVp8: boolean;
}

export interface EncoderFinderOptions {
  /** The only ffmpeg that is looked at; without, that of PATH (`locateFfmpeg`). */
  configuredPath?: string;
  searchPath: string;
  wanted: 'auto' | EncoderName;
  /** Keeps what was found, since the test encodes are most of a start. */
  cache: CacheFile;
  logger: Logger;
}

/** While there is none, it is looked for again after so long, beside whenever somebody asks. */
const retryMs = 10_000;
/** A camera that fails for another reason does not get an encoder test at each try. */
const doubtIntervalMs = 60_000;

/**
 * Finds ffmpeg and the encoder that works with it, once, and remembers it beyond the process. Where there is none it goes on looking: whoever
 * installs one need not restart anything.
 */
export class EncoderFinder {
  private readonly options: EncoderFinderOptions;
  private readonly stopped = new AbortController();
  private looking: Promise<VideoEncoder> | null = null;
  private retryTimer: NodeJS.Timeout | null = null;
  private found: VideoEncoder | null = null;
  private lastProblem: string | null = null;
  private testedAtMs = Number.NEGATIVE_INFINITY;
  private mistrustsCache = false;
  private wasTested = false;

  constructor(options: EncoderFinderOptions) {
    this.options = options;
  }

  /** What is known by now. */
  get current(): VideoEncoder | null {
    return this.found;
  }

  /** Why there is none, for people; null while that is not known. */
  get problem(): string | null {
    return this.lastProblem;
  }

  /** Begins to look. */
  start(): void {
    void this.look().catch(() => {});
  }

  /** Ends the test that runs, and leaves nothing behind. Idempotent. */
  async stop(): Promise<void> {
    this.stopped.abort();
    this.clearRetry();
    await this.looking?.catch(() => {});
  }

  /**
   * Waits for the test that runs, and begins one where none has succeeded.
   *
   * @param signal ends the waiting, but not the test
   * @throws FfmpegError when there is no encoder now; what `signal` was aborted with
   */
  async find(signal?: AbortSignal): Promise<VideoEncoder> {
    if (this.found !== null) return this.found;
    return signal ? untilAborted(this.look(), signal) : this.look();
  }

  /** Resolves when the first test is over, however it went: at once ever after. Never rejects. */
  async untilTested(): Promise<void> {
    if (!this.wasTested) await this.look().catch(() => {});
  }

  /** The encoder was found once, and did not encode now: it is tested again, once a minute at most, before it is used again. */
  doubt(): void {
    if (this.found === null || performance.now() - this.testedAtMs < doubtIntervalMs) return;
    this.found = null;
    this.mistrustsCache = true;
  }

  private look(): Promise<VideoEncoder> {
    this.clearRetry();
    this.looking ??= this.lookOnce().finally(() => {
      this.looking = null;
    });
    return this.looking;
  }

  private async lookOnce(): Promise<VideoEncoder> {
    try {
      const found = await this.test();
      this.stopped.signal.throwIfAborted();
      const { ffmpeg, encoder, hasVp8 } = found;
      const version = `${ffmpeg.version.major}.${ffmpeg.version.minor}`;
      this.options.logger.info({ ffmpeg: ffmpeg.path, version, encoder, vp8: hasVp8 }, 'encoder ready');
      this.found = found;
      this.lastProblem = null;
      return found;
    } catch (error) {
      this.handleFailure(error);
      throw error;
    } finally {
      this.wasTested = true;
    }
  }

  private async test(): Promise<VideoEncoder> {
    const { configuredPath, searchPath, wanted, cache } = this.options;
    const path = await locateFfmpeg({ configuredPath, searchPath });
    const key = await readCacheKey(path, wanted);
    const text = this.mistrustsCache ? null : await cache.read();
    const kept = text === null ? null : parseEncoderCache(text, key);
    const { version, encoder, hasVp8 } = kept ?? (await this.testAnew(path, key));
    return { ffmpeg: { path, version }, encoder, hasVp8 };
  }

  private async testAnew(program: string, key: EncoderCacheKey): Promise<EncoderFindings> {
    const { signal } = this.stopped;
    const version = await readFfmpegVersion(program);
    const [encoder, hasVp8] = await Promise.all([
      chooseEncoder({ program, wanted: key.wanted, signal }),
      canEncodeVp8(program, signal),
    ]);
    signal.throwIfAborted();
    const findings = { version, encoder, hasVp8 };
    this.testedAtMs = performance.now();
    this.mistrustsCache = !areLasting(key, findings);
    if (!this.mistrustsCache) await this.keep(buildEncoderCache(key, findings));
    return findings;
  }

  private async keep(text: string): Promise<void> {
    try {
      await this.options.cache.write(text);
    } catch (error) {
      this.options.logger.debug({ error }, 'the encoder test cannot be kept, and is repeated at the next start');
    }
  }

  private handleFailure(error: unknown): void {
    if (this.stopped.signal.aborted) return;
    const problem = error instanceof Error ? error.message : String(error);
    if (problem !== this.lastProblem) {
      // What is wrong with the device is told; where that was noticed here is not.
      const what = error instanceof FfmpegError ? { problem, code: error.code } : { problem };
      this.options.logger.error(what, 'no pictures and no sound until this is repaired; looking again');
    }
    this.lastProblem = problem;
    this.retryTimer = setTimeout(() => this.start(), retryMs);
  }

  private clearRetry(): void {
    if (this.retryTimer !== null) clearTimeout(this.retryTimer);
    this.retryTimer = null;
  }
}

function untilAborted<Value>(promise: Promise<Value>, signal: AbortSignal): Promise<Value> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}
