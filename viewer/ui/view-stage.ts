import { html, nothing } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import type { CameraInfo } from '../../protocol/messages.ts';
import { describeCamera } from '../client/camera-sentence.ts';
import { buildStepMarks } from './connection-steps.ts';
import { isAwaited, type PictureWall, type Tile } from './picture-wall.ts';
import {
  buildStageWords,
  describePicture,
  type PictureFacts,
  type StageAction,
  type StageWords,
} from './stage-words.ts';
import './state-line.ts';
import type { ViewSession } from './view-session.ts';

/** What the stage has to say, and whether what it shows is of now. */
export interface StageState {
  words: StageWords;
  isLive: boolean;
}

export function describeStage(options: { session: ViewSession; wall: PictureWall; hasLink: boolean }): StageState {
  const { session, wall, hasLink } = options;
  const { status, message } = session;
  const facts = describeTile(session, wall.main, wall.mainLine);
  const words = buildStageWords({ status, message, hasLink, ...facts });
  return { words, isLive: status.state === 'connected' && facts.picture.isShown && words.message === '' };
}

function describeTile(session: ViewSession, tile: Tile, line: number): PictureFacts {
  const { camera, picture } = tile;
  return {
    cameras: session.cameras,
    camera,
    picture: { isShown: picture.isShown, isBlocked: picture.isBlocked, isAwaited: isAwaited(tile) },
    rendition: session.sentQuality(camera)?.rendition ?? null,
    stillSeconds: session.stillSecondsOf(line),
  };
}

/** The pictures, and over them or in their place what is happening or wrong. */
export function renderStage(options: {
  session: ViewSession;
  wall: PictureWall;
  stage: StageState;
  onEnlarge(camera: string): void;
  onAction(action: StageAction): void;
  onFullscreen(): void;
}) {
  const { session, wall, stage, onEnlarge } = options;
  const { message, action } = stage.words;
  return html`<div class="stage on-stage" @dblclick=${options.onFullscreen}>
    ${renderWall({ wall, session, onEnlarge })}
    <porthole-state-line
      .state=${session.status.state}
      .message=${message}
      .steps=${buildStepMarks(session.status)}
      .action=${action?.label ?? ''}
      ?compact=${wall.isShown}
      @act=${() => action && options.onAction(action)}
    ></porthole-state-line>
  </div>`;
}

/**
 * The pictures. Their order in the document never changes, because a video that is moved there stops: which one is large is
 * the style sheet's affair.
 */
function renderWall(options: { wall: PictureWall; session: ViewSession; onEnlarge(camera: string): void }) {
  const { wall, session, onEnlarge } = options;
  const { tiles, main } = wall;
  return html`<div class="wall" data-count=${tiles.length}>
    ${repeat(
      tiles,
      ({ picture }) => picture,
      (tile, line) => {
        const facts = describeTile(session, tile, line);
        const trouble = session.status.state === 'connected' ? describePicture(facts) : session.message;
        return html`
          <div class="tile" ?data-main=${tile === main} ?data-shown=${tile.picture.isShown}
            ?data-dimmed=${trouble !== ''} ?data-awaited=${facts.picture.isAwaited}>
            ${tile.picture.video}${tile.picture.held}
            ${tiles.length > 1 ? renderCaption({ tile, trouble, isMain: tile === main, cameras: session.cameras, onEnlarge }) : nothing}
          </div>
        `;
      },
    )}
  </div>`;
}

function renderCaption(options: {
  tile: Tile;
  /** What is the matter with the picture; empty while nothing is. */
  trouble: string;
  isMain: boolean;
  cameras: readonly CameraInfo[];
  onEnlarge(camera: string): void;
}) {
  const { tile, trouble, isMain, cameras, onEnlarge } = options;
  const camera = cameras.find(({ id }) => id === tile.camera);
  const name = camera?.name ?? tile.camera;
  const word = camera && describeCamera(camera) ? camera.state : 'waiting';
  return html`
    <p class="caption">${name}${trouble ? html`<span class="fail" title=${trouble}>${word}</span>` : nothing}</p>
    ${
      isMain
        ? nothing
        : html`<button class="enlarge" aria-label="Show ${name} large" title=${trouble || `Show ${name} large`}
            @click=${() => onEnlarge(tile.camera)}></button>`
    }
  `;
}
