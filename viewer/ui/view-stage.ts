import { html, nothing } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import type { CameraInfo } from '../../protocol/messages.ts';
import { describeCamera } from './camera-sentence.ts';
import { buildStepMarks } from './connection-steps.ts';
import type { PictureWall, Tile } from './picture-wall.ts';
import { buildStageWords, type StageAction, type StageWords } from './stage-words.ts';
import './state-line.ts';
import type { ViewSession } from './view-session.ts';

/** What the stage has to say, and whether what it shows is of now. */
export interface StageState {
  words: StageWords;
  isLive: boolean;
}

export function describeStage(options: { session: ViewSession; wall: PictureWall; hasLink: boolean }): StageState {
  const { session, wall, hasLink } = options;
  const { status, message, cameras, stillSeconds } = session;
  const { camera, picture } = wall.main;
  const rendition = session.sentQuality(camera)?.rendition ?? null;
  const words = buildStageWords({ status, message, hasLink, cameras, camera, picture, rendition, stillSeconds });
  return { words, isLive: status.state === 'connected' && picture.isShown && words.message === '' };
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
  return html`<div class="stage on-stage" ?data-dimmed=${wall.isShown && !stage.isLive} @dblclick=${options.onFullscreen}>
    ${renderWall({ wall, cameras: session.cameras, onEnlarge })}
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
function renderWall(options: { wall: PictureWall; cameras: readonly CameraInfo[]; onEnlarge(camera: string): void }) {
  const { tiles, main } = options.wall;
  return html`<div class="wall" data-count=${tiles.length}>
    ${repeat(
      tiles,
      ({ picture }) => picture,
      (tile) => html`
        <div class="tile" ?data-main=${tile === main} ?data-shown=${tile.picture.isShown}>
          ${tile.picture.video}${tile.picture.held}${tiles.length > 1 ? renderCaption(tile, tile === main, options) : nothing}
        </div>
      `,
    )}
  </div>`;
}

function renderCaption(
  tile: Tile,
  isMain: boolean,
  { cameras, onEnlarge }: { cameras: readonly CameraInfo[]; onEnlarge(camera: string): void },
) {
  const camera = cameras.find(({ id }) => id === tile.camera);
  const name = camera?.name ?? tile.camera;
  const trouble = camera ? describeCamera(camera) : null;
  return html`
    <p class="caption">${name}${trouble ? html`<span class="fail" title=${trouble}>${camera?.state}</span>` : nothing}</p>
    ${
      isMain
        ? nothing
        : html`<button class="enlarge" aria-label="Show ${name} large" title=${trouble ?? `Show ${name} large`}
            @click=${() => onEnlarge(tile.camera)}></button>`
    }
  `;
}
