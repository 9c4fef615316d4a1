import './zod-without-eval.ts';
import { html, LitElement, nothing, type PropertyValues } from 'lit';
import { buildLink } from '../../protocol/link.ts';
import { defineElement } from './define-element.ts';
import {
  type DeviceList,
  linkOf,
  type SavedDevice,
  selectedDevice,
  withAccepted,
  withName,
  withoutDevice,
  withSelected,
} from './device-list.ts';
import type { DeviceChange, DevicePanel } from './device-panel.ts';
import { DeviceStore, deviceStorageKey } from './device-store.ts';
import './empty-page.ts';
import './page-header.ts';
import { readPageLink } from './page-link.ts';
import './porthole-view.ts';
import { pageStyles } from './styles/page.ts';
import { tokens } from './styles/tokens.ts';

/**
 * The page: takes the link out of the address, keeps the list of devices, and shows one of them. It renders into the document
 * itself, so that `document.querySelector('porthole-view')` finds the element that other pages would embed.
 */
export class PortholeApp extends LitElement {
  static override properties = {
    list: { state: true },
    shown: { state: true },
    problem: { state: true },
  };

  declare private list: DeviceList;
  /** The device on show with the link to it. The link stays as it was when its invite is used up, so that the session does. */
  declare private shown: { device: SavedDevice; link: string } | null;
  declare private problem: string;
  private readonly store = new DeviceStore(() => localStorage);

  constructor() {
    super();
    this.list = this.store.load();
    this.shown = null;
    this.problem = '';
  }

  override connectedCallback(): void {
    super.connectedCallback();
    addEventListener('hashchange', this.handleAddress);
    addEventListener('storage', this.handleStorage);
    this.handleAddress();
    if (!this.shown) this.show(selectedDevice(this.list));
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    removeEventListener('hashchange', this.handleAddress);
    removeEventListener('storage', this.handleStorage);
  }

  protected override createRenderRoot(): HTMLElement {
    return this;
  }

  protected override updated(changed: PropertyValues): void {
    if (changed.has('shown')) document.title = this.shown ? `${this.shown.device.name} – Porthole` : 'Porthole';
  }

  override render() {
    const { shown, problem } = this;
    return html`
      <porthole-page-header .deviceName=${shown ? this.nameOf(shown.device) : ''} @devices=${this.openDevices}></porthole-page-header>
      ${
        shown
          ? html`${problem ? html`<p class="problem" role="alert">${problem}</p>` : nothing}
              <porthole-view autoconnect global-keys .link=${shown.link} @accepted=${this.handleAccepted}></porthole-view>
              <porthole-device-panel
                .devices=${this.list.devices}
                .selected=${shown.device.publicKey}
                @device=${(event: CustomEvent<DeviceChange>) => this.handleDevice(event.detail)}
              ></porthole-device-panel>`
          : html`<porthole-empty-page
              .problem=${problem}
              @add=${(event: CustomEvent<string>) => this.adoptLink(event.detail)}
            ></porthole-empty-page>`
      }
    `;
  }

  private readonly handleAddress = (): void => {
    const { hash, pathname, search } = location;
    if (readPageLink(hash).kind === 'none') return;
    // At once, and for a broken link too: neither the invite nor the key is to stay in the address or the history.
    history.replaceState(null, '', pathname + search);
    this.adoptLink(hash);
  };

  private readonly handleStorage = (event: StorageEvent): void => {
    if (event.key === deviceStorageKey) this.list = this.store.load();
  };

  private adoptLink(text: string): void {
    const link = readPageLink(text);
    this.problem = link.kind === 'broken' ? `That link does not work. ${link.problem}` : '';
    if (link.kind !== 'device') return;
    this.list = this.store.update(link.change);
    this.show(selectedDevice(this.list));
  }

  private handleDevice(change: DeviceChange): void {
    this.problem = '';
    switch (change.kind) {
      case 'add':
        this.adoptLink(change.link);
        return;
      case 'rename':
        this.list = this.store.update((list) => withName(list, change.publicKey, change.name));
        return;
      case 'choose':
        this.list = this.store.update((list) => withSelected(list, change.publicKey));
        this.show(selectedDevice(this.list));
        return;
      case 'forget':
        this.list = this.store.update((list) => withoutDevice(list, change.publicKey));
        if (this.shown?.device.publicKey === change.publicKey) this.show(selectedDevice(this.list));
    }
  }

  private handleAccepted(): void {
    const publicKey = this.shown?.device.publicKey;
    if (publicKey) this.list = this.store.update((list) => withAccepted(list, publicKey));
  }

  private show(device: SavedDevice | null): void {
    this.shown = device && { device, link: buildLink('', linkOf(device)) };
  }

  /** The name as it is now: it may have been changed since the device is on show. */
  private nameOf(device: SavedDevice): string {
    return this.list.devices.find(({ publicKey }) => publicKey === device.publicKey)?.name ?? device.name;
  }

  private async openDevices(): Promise<void> {
    // The element that is in the document already comes to life with this.
    await import('./device-panel.ts');
    const panel = this.querySelector<DevicePanel>('porthole-device-panel');
    await panel?.updateComplete;
    panel?.open();
  }
}

adoptPageStyles();
defineElement('porthole-app', PortholeApp);

/** Constructed style sheets need no exception in the page's policy. */
function adoptPageStyles(): void {
  const sheets = [tokens, pageStyles].map((style) => style.styleSheet).filter((sheet) => sheet !== undefined);
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, ...sheets];
}
