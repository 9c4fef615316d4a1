import { html } from 'lit';
import type { CallCommand } from './command-form.ts';
import type { ViewPanel } from './view-bar.ts';
import type { ViewSession } from './view-session.ts';

/** Fetches the program of a panel, which nobody needs to see a picture. */
export async function loadPanel(panel: ViewPanel): Promise<void> {
  if (panel === 'statistics') await import('./stats-panel.ts');
  else await import('./command-box.ts');
}

/** Its elements come to life when the program of {@link loadPanel} is there. */
export function renderPanel(panel: ViewPanel, { session, call }: { session: ViewSession; call: CallCommand }) {
  return html`<section class="panel" aria-label=${panel}>
    ${
      panel === 'statistics'
        ? html`<h2>Statistics</h2>
            <porthole-stats-panel .stats=${session.stats} .changes=${session.qualityChanges} .cameras=${session.cameras}></porthole-stats-panel>`
        : html`<h2>Commands</h2>
            <porthole-command-box .call=${call} .session=${session.status.state === 'connected' ? session.info : null}></porthole-command-box>`
    }
  </section>`;
}
