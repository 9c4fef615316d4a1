import { css, html, LitElement, type PropertyValues } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import type { CommandDescription } from '../../protocol/rpc.ts';
import './command-form.ts';
import type { CallCommand } from './command-form.ts';
import { parseCommands } from './command-list.ts';
import { defineElement } from './define-element.ts';
import { controls } from './styles/controls.ts';

/**
 * The commands that this viewer may call, each with its form, as the device describes them. `session` is any value that is new
 * for each session: the device is asked again then, because its commands or the role may have changed.
 */
export class CommandBox extends LitElement {
  static override properties = {
    call: { attribute: false },
    session: { attribute: false },
    commands: { state: true },
    problem: { state: true },
  };

  declare call: CallCommand;
  declare session: unknown;
  declare private commands: CommandDescription[] | null;
  declare private problem: string;

  constructor() {
    super();
    this.session = null;
    this.commands = null;
    this.problem = '';
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has('session') && this.session) void this.discover();
  }

  override render() {
    if (this.problem) return html`<p class="fail">${this.problem}</p>`;
    if (!this.commands) {
      return html`<p class="soft">${this.session ? 'Asking the device…' : 'The commands appear once the device is connected.'}</p>`;
    }
    if (this.commands.length === 0) return html`<p class="soft">The device offers no commands to you.</p>`;
    return repeat(
      this.commands,
      (command) => command.name,
      (command) => html`
        <details name="command">
          <summary><code>${command.name}</code><span class="soft">${command.title}</span></summary>
          <porthole-command-form .command=${command} .call=${this.call}></porthole-command-form>
        </details>
      `,
    );
  }

  private async discover(): Promise<void> {
    const { session } = this;
    try {
      const commands = parseCommands(await this.call('rpc.discover', {}));
      if (session !== this.session) return;
      this.commands = commands;
      this.problem = '';
    } catch (error) {
      // A list that was there before stays: its commands say for themselves when they cannot be run.
      if (session === this.session && !this.commands) {
        this.problem = `The device did not list its commands. ${error instanceof Error ? error.message : ''}`;
      }
    }
  }

  static override styles = [
    controls,
    css`
      :host {
        display: block;
      }
      p {
        margin: 0;
      }
      details {
        border-bottom: 1px solid var(--ph-line);
      }
      details:last-of-type {
        border-bottom: 0;
      }
      summary {
        display: grid;
        padding: 0.6em 1.6em 0.6em 0.2em;
        border-radius: var(--ph-radius);
        cursor: pointer;
        list-style: none;
        position: relative;
      }
      summary::-webkit-details-marker {
        display: none;
      }
      summary::after {
        content: '';
        position: absolute;
        top: calc(50% - 0.35em);
        right: 0.5em;
        width: 0.5em;
        height: 0.5em;
        border: solid var(--ph-soft);
        border-width: 0 1.5px 1.5px 0;
        transform: rotate(45deg);
      }
      details[open] summary::after {
        transform: translateY(0.2em) rotate(225deg);
      }
      summary:hover code {
        color: var(--ph-accent);
      }
      summary span {
        font-size: 0.92em;
      }
      code {
        font: 0.95em var(--ph-mono);
      }
      porthole-command-form {
        padding: 0.3em 0.2em 1em;
      }
    `,
  ];
}

defineElement('porthole-command-box', CommandBox);
