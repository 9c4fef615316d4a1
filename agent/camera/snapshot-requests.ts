import type { Buffer } from 'node:buffer';
import { CameraError } from './camera-error.ts';

interface Request {
  resolve: (jpeg: Buffer) => void;
  reject: (error: CameraError) => void;
}

/**
 * Hands out still pictures, each taken after it was asked for. Requests that come while one is on its way wait for the next and
 * share that, so any number of callers costs two pictures at a time.
 */
export class SnapshotRequests {
  private readonly sendCommand: () => boolean;
  private readonly timeoutMs: number;
  private waiting = new Set<Request>();
  private underWay = new Set<Request>();
  private isReady = false;
  /** A picture was asked for and has not come, whether or not anybody still waits for it. */
  private isPictureDue = false;

  /** @param options.sendCommand asks for one picture; false when that is not possible now */
  constructor(options: { sendCommand: () => boolean; timeoutMs: number }) {
    this.sendCommand = options.sendCommand;
    this.timeoutMs = options.timeoutMs;
  }

  /**
   * @param explain why there is no picture, asked when the time is up
   * @throws CameraError `snapshot-timeout`, `aborted`
   */
  take(explain: () => string, signal?: AbortSignal): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) {
        reject(CameraError.aborted());
        return;
      }
      const settle = () => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', handleAbort);
        this.waiting.delete(request);
        this.underWay.delete(request);
      };
      const request: Request = {
        resolve: (jpeg) => {
          settle();
          resolve(jpeg);
        },
        reject: (error) => {
          settle();
          reject(error);
          this.pump();
        },
      };
      const handleAbort = () => request.reject(CameraError.aborted());
      const handleTimeout = () => {
        // Lost: a request that was not under way either has waited just as long behind it.
        this.isPictureDue = false;
        request.reject(CameraError.snapshotTimeout(this.timeoutMs, explain()));
      };
      const timer = setTimeout(handleTimeout, this.timeoutMs);
      signal?.addEventListener('abort', handleAbort);
      this.waiting.add(request);
      this.pump();
    });
  }

  /** Frames come: pictures can be asked for. */
  handleReady(): void {
    this.isReady = true;
    this.pump();
  }

  handleJpeg(jpeg: Buffer): void {
    this.isPictureDue = false;
    const served = this.underWay;
    this.underWay = new Set();
    for (const request of served) request.resolve(jpeg);
    this.pump();
  }

  /** ffmpeg is gone; what was under way is asked for again once frames come. */
  handleRunEnd(): void {
    this.isReady = false;
    this.isPictureDue = false;
    for (const request of this.underWay) this.waiting.add(request);
    this.underWay.clear();
  }

  rejectAll(error: CameraError): void {
    this.isReady = false;
    for (const request of [...this.underWay, ...this.waiting]) request.reject(error);
  }

  private pump(): void {
    if (!this.isReady || this.waiting.size === 0 || this.isPictureDue) return;
    if (!this.sendCommand()) return;
    this.isPictureDue = true;
    this.underWay = this.waiting;
    this.waiting = new Set();
  }
}
