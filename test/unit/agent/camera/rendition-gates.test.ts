import { describe, expect, it } from 'vitest';
import { RenditionGates } from '../../../../agent/camera/rendition-gates.ts';
import { buildRenditions } from '../../../../agent/camera/renditions.ts';

const video = { widthMax: 1280, heightMax: 720, fps: 30, bitrateKbps: 2000, keyframeIntervalMs: 2000 };

function build(options: { isPassthrough?: boolean } = {}) {
  const commands: string[] = [];
  const gates = new RenditionGates({
    renditions: buildRenditions({
      video,
      encoder: 'libx264',
      hasVp8: true,
      isPassthrough: options.isPassthrough ?? false,
    }),
    send: (command) => {
      const [, name, action] = /@gate_(\w+) -1 enable (.)/.exec(command) ?? [];
      commands.push(`${action === '1' ? 'close' : 'open'} ${name}`);
      return true;
    },
  });
  /** What ffmpeg was told since the last time. */
  const told = () => commands.splice(0);
  const start = () => {
    const open = [...gates.handleStart()];
    gates.handleReady();
    return open;
  };
  return { gates, told, start };
}

describe('the gates of the renditions', () => {
  it('start as they are wanted, and follow who holds them', () => {
    const { gates, told, start } = build();
    const top = gates.hold('top');
    expect(start()).toEqual(['top']);
    const [half, again] = [gates.hold('half'), gates.hold('half')];
    expect(told()).toEqual(['open half']);
    half.release();
    half.release();
    expect(told()).toEqual([]);
    again.release();
    expect(told()).toEqual(['close half']);
    top.release();
    expect(told()).toEqual([]);
  });

  it('leave the last one held open and flowing, until another one is wanted', () => {
    const { gates, told, start } = build();
    const top = gates.hold('top');
    start();
    gates.admit('top', true);
    top.release();
    expect([gates.admit('top', false), told()]).toEqual([true, []]);
    const again = gates.hold('top');
    expect([gates.admit('top', false), told()]).toEqual([true, []]);
    again.release();
    gates.hold('half');
    expect([gates.admit('top', true), told()]).toEqual([false, ['open half', 'close top']]);
    gates.handleRunEnd();
    expect(start()).toEqual(['half']);
  });

  it('keep the smallest H.264 open while nobody holds any, and pass nothing of it on', () => {
    const { gates, told, start } = build();
    expect(start()).toEqual(['quarter']);
    expect(gates.admit('quarter', true)).toBe(false);
    gates.hold('quarter');
    expect(told()).toEqual(['open quarter']); // for a keyframe
    expect([gates.admit('quarter', false), gates.admit('quarter', true), gates.admit('quarter', false)]).toEqual([
      false,
      true,
      true,
    ]);
  });

  it('catch up, once frames come, with what changed while ffmpeg was starting', () => {
    const { gates, told } = build();
    expect([...gates.handleStart()]).toEqual(['quarter']);
    gates.hold('vp8');
    expect(told()).toEqual([]);
    gates.handleReady();
    expect(told()).toEqual(['open vp8', 'close quarter']);
  });

  it('begin with a keyframe again after a restart and for a holder who comes back', () => {
    const { gates, start } = build();
    gates.hold('top');
    start();
    expect(gates.admit('top', true)).toBe(true);
    gates.handleRunEnd();
    start();
    expect([gates.admit('top', false), gates.admit('top', true)]).toEqual([false, true]);
    gates.hold('half').release();
    gates.hold('half');
    expect([gates.admit('half', false), gates.admit('half', true)]).toEqual([false, true]);
  });

  it('take a wish for a keyframe only where it can come true, and never open a gate for it', () => {
    const { gates, told, start } = build();
    expect(gates.requestKeyframe('top')).toBe(false);
    gates.hold('top');
    expect(gates.requestKeyframe('top')).toBe(false);
    start();
    expect([gates.requestKeyframe('top'), gates.requestKeyframe('half')]).toEqual([true, false]);
    expect(told()).toEqual(['open top']);
    gates.handleRunEnd();
    expect(gates.requestKeyframe('top')).toBe(false);
  });

  it('leave a rendition alone that is passed through', () => {
    const { gates, told, start } = build({ isPassthrough: true });
    expect(start()).toEqual([]);
    gates.hold('top');
    expect(gates.requestKeyframe('top')).toBe(false);
    expect(told()).toEqual([]);
    expect([gates.admit('top', false), gates.admit('top', true), gates.admit('top', false)]).toEqual([
      false,
      true,
      true,
    ]);
  });
});
