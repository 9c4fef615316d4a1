import { describe, expect, it } from 'vitest';
import { sessionErrorCodes } from '../../../../protocol/errors.ts';
import { describeCamera } from '../../../../viewer/client/camera-sentence.ts';
import { isFinal, type ViewerStatus } from '../../../../viewer/client/viewer-status.ts';
import { buildStepMarks } from '../../../../viewer/ui/connection-steps.ts';
import { buildStageWords, type StageFacts } from '../../../../viewer/ui/stage-words.ts';

const facts: StageFacts = {
  status: { state: 'connected' },
  message: 'Connected.',
  hasLink: true,
  cameras: [{ id: 'cam0', name: 'Pier', state: 'live' }],
  camera: '',
  picture: { isShown: true, isBlocked: false, isAwaited: false },
  rendition: null,
  stillSeconds: 0,
};
const missing = { id: 'cam0', name: 'Pier', state: 'missing' as const, reason: '/dev/video0 has gone.' };

describe('the words over the picture', () => {
  it('are none while all is well', () => {
    expect(buildStageWords(facts)).toEqual({ message: '', action: null });
  });

  it('tell that the first picture is awaited', () => {
    const words = buildStageWords({ ...facts, picture: { ...facts.picture, isShown: false } });
    expect(words.message).toBe('Pier: waiting for its first picture…');
  });

  it('name the camera that is waited for, or its trouble, over the picture of another', () => {
    const awaited = { ...facts, picture: { ...facts.picture, isAwaited: true } };
    expect(buildStageWords(awaited).message).toBe('Pier: waiting for its first picture…');
    expect(buildStageWords({ ...awaited, cameras: [missing] }).message).toBe(
      'The camera “Pier” is missing – /dev/video0 has gone.',
    );
  });

  it('name the trouble of a camera once its frames have stopped', () => {
    expect(buildStageWords({ ...facts, cameras: [missing] }).message).toBe('');
    expect(buildStageWords({ ...facts, cameras: [missing], stillSeconds: 1 }).message).toBe(
      'The camera “Pier” is missing – /dev/video0 has gone.',
    );
  });

  it('do not call a picture live that has stood still for a while', () => {
    expect(buildStageWords({ ...facts, stillSeconds: 2 }).message).toBe('');
    expect(buildStageWords({ ...facts, stillSeconds: 3 }).message).toContain('No new picture');
  });

  it('bear with single pictures for longer', () => {
    const words = (stillSeconds: number) =>
      buildStageWords({ ...facts, rendition: 'keyframes-only', stillSeconds }).message;
    expect(words(11)).toBe('');
    expect(words(12)).toContain('No new picture');
  });

  it('offer what a person can do, and only that', () => {
    const actionIn = (status: ViewerStatus, more: Partial<StageFacts> = {}) =>
      buildStageWords({ ...facts, ...more, status }).action?.does ?? null;
    expect(actionIn({ state: 'idle' })).toBe('connect');
    expect(actionIn({ state: 'idle' }, { hasLink: false })).toBeNull();
    expect(actionIn({ state: 'failed', error: 'unauthorised' })).toBe('connect');
    expect(actionIn({ state: 'failed', error: 'link-invalid' })).toBeNull();
    expect(actionIn({ state: 'waiting', error: 'device-offline' })).toBeNull();
    expect(actionIn({ state: 'connected' }, { picture: { isShown: false, isBlocked: true, isAwaited: false } })).toBe(
      'play',
    );
  });

  it('say nothing of a camera that works', () => {
    expect(describeCamera({ id: 'a', name: 'A', state: 'live' })).toBeNull();
    expect(describeCamera({ id: 'a', name: 'A', state: 'restarting' })).toBe('The camera “A” is being restarted.');
    const asking = { id: 'a', name: 'A', state: 'missing' as const, reason: 'is it plugged in?' };
    expect(describeCamera(asking)).toBe('The camera “A” is missing – is it plugged in?');
  });
});

describe('the way to the device', () => {
  const marks = (status: ViewerStatus) => buildStepMarks(status)?.map(({ mark }) => mark) ?? null;

  it('shows the step that is being taken', () => {
    expect(marks({ state: 'connecting', step: 'device' })).toEqual(['done', 'now', 'ahead']);
    expect(marks({ state: 'reconnecting', step: 'path', error: 'dead-path' })).toEqual(['done', 'done', 'now']);
  });

  it('shows where it stopped', () => {
    expect(marks({ state: 'waiting', error: 'broker-unreachable' })).toEqual(['failed', 'ahead', 'ahead']);
    expect(marks({ state: 'waiting', error: 'device-offline' })).toEqual(['done', 'failed', 'ahead']);
    expect(marks({ state: 'waiting', error: 'connect-timeout' })).toEqual(['done', 'done', 'failed']);
  });

  it('is not shown where there is none', () => {
    expect(marks({ state: 'idle' })).toBeNull();
    expect(marks({ state: 'connected' })).toBeNull();
    expect(marks({ state: 'failed', error: 'link-invalid' })).toBeNull();
  });

  it('stops at exactly one place for every error', () => {
    for (const error of sessionErrorCodes) {
      const stopped = marks({ state: isFinal(error) ? 'failed' : 'waiting', error });
      if (stopped)
        expect(
          stopped.filter((mark) => mark === 'failed'),
          error,
        ).toHaveLength(1);
    }
  });
});
