import { RpcError } from '../../protocol/rpc.ts';
import type { SessionControls } from '../commands/builtin/session-commands.ts';
import type { CameraFeed } from './camera-feed.ts';
import type { SessionManager } from './session-manager.ts';
import type { SessionMedia } from './session-media.ts';

/** What the commands of a session act on. */
export function buildControls(options: {
  sessions: Pick<SessionManager, 'find'>;
  cameras: readonly CameraFeed[];
}): SessionControls {
  const mediaOf = (sessionId: string): SessionMedia => {
    const session = options.sessions.find(sessionId);
    if (!session) throw new RpcError('unavailable', 'This command is for sessions with a picture.');
    return session.media;
  };
  return {
    setQuality: (sessionId, quality, camera) => mediaOf(sessionId).setQuality(quality, camera),
    selectCamera(sessionId, camera) {
      const media = mediaOf(sessionId);
      const feed = options.cameras.find(({ id }) => id === camera);
      if (!feed) throw new RpcError('not-found', `There is no camera ${camera}`);
      media.selectCamera(feed);
    },
    setListening: (sessionId, isListening) => mediaOf(sessionId).setListening(isListening),
    takeFloor: (sessionId) => mediaOf(sessionId).takeFloor(),
    releaseFloor: (sessionId) => mediaOf(sessionId).releaseFloor(),
  };
}
