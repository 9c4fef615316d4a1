import { buildLease, type Lease } from '../ffmpeg/lease.ts';
import { buildCloseCommand, buildOpenAfterNextCommand } from './filter-commands.ts';
import { gateNameOf } from './outputs.ts';
import type { Rendition, RenditionName } from './renditions.ts';

/**
 * Who holds which rendition, and so which gates of ffmpeg are open. While nobody holds any, one is open all the same, because pictures are how a
 * camera shows that it is well: the last one held, so that a viewer who comes back finds it running, or else the smallest.
 */
export class RenditionGates {
  private readonly encoded: readonly RenditionName[];
  /** Open while no rendition is held and none was; null when one flows anyhow. */
  private readonly pulse: RenditionName | null;
  private readonly send: (command: string) => boolean;
  private readonly holders = new Map<RenditionName, number>();
  /** The last one held, while none is. */
  private lingering: RenditionName | null = null;
  /** Renditions that somebody has taken and that have not shown a keyframe since. */
  private readonly awaitingKeyframe = new Set<RenditionName>();
  /** Gates that ffmpeg was told to open and not to close. */
  private open = new Set<RenditionName>();
  private isReady = false;

  /** @param options.send gives ffmpeg a command */
  constructor(options: { renditions: readonly Rendition[]; send: (command: string) => boolean }) {
    const encoded = options.renditions.filter((rendition) => rendition.isEncodedHere);
    this.encoded = encoded.map(({ name }) => name);
    this.pulse =
      encoded.length < options.renditions.length
        ? null
        : (encoded.findLast(({ codec }) => codec === 'h264')?.name ?? null);
    this.send = options.send;
  }

  /** Opens the gate until the lease is released. */
  hold(name: RenditionName): Lease {
    const isFlowing = this.isHeld(name) || this.lingering === name;
    this.holders.set(name, (this.holders.get(name) ?? 0) + 1);
    this.lingering = null;
    if (!isFlowing) this.awaitingKeyframe.add(name);
    // The pulse is open already, but in the midst of a group of pictures.
    if (!isFlowing && this.open.has(name)) this.requestKeyframe(name);
    this.update();
    return buildLease(() => {
      this.holders.set(name, (this.holders.get(name) ?? 0) - 1);
      if (![...this.holders.values()].some((count) => count > 0)) this.lingering = name;
      this.update();
    });
  }

  /** @returns false when no keyframe can be asked for: a copy of what the camera encodes, nobody holds it, or ffmpeg is not ready */
  requestKeyframe(name: RenditionName): boolean {
    if (!this.isReady || !this.isHeld(name) || !this.encoded.includes(name)) return false;
    return this.send(buildOpenAfterNextCommand(gateNameOf(name)));
  }

  /** Whether a picture is to be passed on: somebody holds the rendition, or did so last, and has got a keyframe of it first. */
  admit(name: RenditionName, isKeyframe: boolean): boolean {
    if (!this.isHeld(name) && this.lingering !== name) return false;
    if (isKeyframe) this.awaitingKeyframe.delete(name);
    return !this.awaitingKeyframe.has(name);
  }

  /** An ffmpeg is about to start. @returns the gates that it has to begin with open */
  handleStart(): ReadonlySet<RenditionName> {
    this.isReady = false;
    this.open = new Set(this.wanted());
    return this.open;
  }

  /** Frames come: ffmpeg takes commands from now on. */
  handleReady(): void {
    this.isReady = true;
    this.update();
  }

  /** ffmpeg is gone. */
  handleRunEnd(): void {
    this.isReady = false;
    this.lingering = null;
    for (const name of this.holders.keys()) this.awaitingKeyframe.add(name);
  }

  private update(): void {
    if (!this.isReady) return;
    const wanted = new Set(this.wanted());
    for (const name of wanted) {
      if (!this.open.has(name)) this.send(buildOpenAfterNextCommand(gateNameOf(name)));
    }
    for (const name of this.open) if (!wanted.has(name)) this.send(buildCloseCommand(gateNameOf(name)));
    this.open = wanted;
  }

  private wanted(): RenditionName[] {
    const held = this.encoded.filter((name) => this.isHeld(name));
    if (held.length > 0 || this.pulse === null) return held;
    return [this.lingering ?? this.pulse];
  }

  private isHeld(name: RenditionName): boolean {
    return (this.holders.get(name) ?? 0) > 0;
  }
}
