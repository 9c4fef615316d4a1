import type { CameraInfo } from '../../protocol/messages.ts';
import { describeCamera } from '../client/camera-sentence.ts';
import type { ViewerStatus } from '../client/viewer-status.ts';

/** What a person can do about a state: the words on the button, and what it does. */
export interface StageAction {
  label: string;
  does: 'connect' | 'play';
}

/** What stands over the picture or in its place. The message is empty over a picture that is live and well. */
export interface StageWords {
  message: string;
  action: StageAction | null;
}

export interface PictureFacts {
  cameras: readonly CameraInfo[];
  /** Id of the chosen camera; empty for the first. */
  camera: string;
  /** `isAwaited`: what is shown is of another camera. */
  picture: { isShown: boolean; isBlocked: boolean; isAwaited: boolean };
  /** What the device sends of the camera; null before it has said so. */
  rendition: string | null;
  /** For how many seconds now no frame has been decoded. */
  stillSeconds: number;
}

export interface StageFacts extends PictureFacts {
  status: ViewerStatus;
  /** The status in words. */
  message: string;
  hasLink: boolean;
}

/** A slow camera pauses, and statistics are taken once a second: only after this much is a still picture worth a word. */
const stillMinSeconds = 3;
/** On a path that carries single pictures only, they stand still for as long as one takes. */
const singleMinSeconds = 12;

export function buildStageWords(facts: StageFacts): StageWords {
  const { status, message, picture } = facts;
  switch (status.state) {
    case 'connected':
      if (picture.isBlocked) {
        return {
          message: 'The browser waits for you to start the picture.',
          action: { label: 'Show the picture', does: 'play' },
        };
      }
      return { message: describePicture(facts), action: null };
    case 'idle':
      return { message, action: facts.hasLink ? { label: 'Connect', does: 'connect' } : null };
    case 'failed':
      return { message, action: status.error === 'link-invalid' ? null : { label: 'Try again', does: 'connect' } };
    default:
      return { message, action: null };
  }
}

/** What is the matter with a picture while connected; empty while nothing is. */
export function describePicture({ cameras, camera, picture, rendition, stillSeconds }: PictureFacts): string {
  const shown = cameras.find(({ id }) => id === camera) ?? cameras[0];
  if (!shown) return 'Connected. This device has no camera.';
  if (!picture.isShown || picture.isAwaited) {
    return describeCamera(shown) ?? `${shown.name}: waiting for its first picture…`;
  }
  // Frames that arrive prove more than what the camera was last said to be.
  if (stillSeconds === 0) return '';
  const trouble = describeCamera(shown);
  if (trouble) return trouble;
  const minSeconds = rendition === 'keyframes-only' ? singleMinSeconds : stillMinSeconds;
  return stillSeconds >= minSeconds ? 'No new picture arrives. The camera or the network may be stuck.' : '';
}
