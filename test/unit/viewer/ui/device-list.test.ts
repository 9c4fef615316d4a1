import { beforeEach, describe, expect, it } from 'vitest';
import { buildLink, type DeviceLink } from '../../../../protocol/link.ts';
import {
  emptyDeviceList,
  linkOf,
  parseDeviceList,
  selectedDevice,
  withAccepted,
  withLink,
  withName,
  withoutDevice,
  withSelected,
} from '../../../../viewer/ui/device-list.ts';
import { DeviceStore, deviceStorageKey } from '../../../../viewer/ui/device-store.ts';
import { readPageLink } from '../../../../viewer/ui/page-link.ts';

const invite = 'AAAAAAAAAAAAAAAAAAAAAA';

function linkTo(number: number, more: Partial<DeviceLink> = {}): DeviceLink {
  return { devicePublicKey: new Uint8Array(32).fill(number), brokerUrl: `ws://broker-${number}/mqtt`, ...more };
}

describe('the list of devices', () => {
  const first = withLink(emptyDeviceList, linkTo(1, { name: 'Pier', invite }));
  const both = withLink(first, linkTo(2));
  const pier = first.devices[0]!.publicKey;

  it('takes a device from a link, selects it, and gives the same link back', () => {
    expect(selectedDevice(first)).toMatchObject({ name: 'Pier', invite });
    expect(linkOf(first.devices[0]!)).toEqual(linkTo(1, { name: 'Pier', invite, topicPrefix: undefined }));
  });

  it('gives a device without a name one that tells it from others', () => {
    expect(selectedDevice(both)?.name).toMatch(/^Device [0-9a-f]{6}$/);
  });

  it('renews broker and invite of a known device, but not the name that a person gave', () => {
    const renamed = withName(both, pier, '  Harbour  ');
    const again = withLink(renamed, linkTo(1, { name: 'Pier', brokerUrl: 'wss://new/mqtt' }));
    expect(again.devices).toHaveLength(2);
    expect(again.devices[0]).toEqual({ publicKey: pier, brokerUrl: 'wss://new/mqtt', name: 'Harbour' });
    expect(again.selected).toBe(pier);
  });

  it('drops the invite once it has done its work', () => {
    expect(withAccepted(first, pier).devices[0]).not.toHaveProperty('invite');
  });

  it('keeps the name when a new one is empty', () => {
    expect(withName(first, pier, '   ')).toBe(first);
  });

  it('falls back to another device when the selected one is forgotten', () => {
    const left = withoutDevice(withSelected(both, pier), pier);
    expect(left.devices).toHaveLength(1);
    expect(selectedDevice(left)?.brokerUrl).toBe('ws://broker-2/mqtt');
    expect(selectedDevice(withoutDevice(left, left.devices[0]!.publicKey))).toBeNull();
  });

  it('makes room for a new device instead of growing without bound', () => {
    let list = emptyDeviceList;
    for (let number = 0; number < 70; number += 1) list = withLink(list, linkTo(number));
    expect(list.devices).toHaveLength(64);
    expect(selectedDevice(list)?.brokerUrl).toBe('ws://broker-69/mqtt');
  });
});

describe('the stored list', () => {
  const good = withLink(emptyDeviceList, linkTo(1, { name: 'Pier' }));

  it('comes back as it was', () => {
    expect(parseDeviceList(JSON.stringify(good))).toEqual(good);
  });

  it.each([null, '', 'junk', '7', 'null', '[]', '{"devices":{}}', '{"devices":[null,1,"x",{}]}'])(
    'is empty when it makes no sense: %s',
    (text) => {
      expect(parseDeviceList(text)).toEqual(emptyDeviceList);
    },
  );

  it('loses only the entries that make no sense', () => {
    const stored = {
      devices: [
        { ...good.devices[0], publicKey: 'short' },
        { ...good.devices[0], brokerUrl: 'javascript:alert(1)' },
        good.devices[0],
        good.devices[0],
      ],
      selected: 'nobody',
    };
    expect(parseDeviceList(JSON.stringify(stored))).toEqual({ devices: good.devices, selected: null });
  });
});

describe('the device store', () => {
  let stored: Map<string, string>;
  let storage: Pick<Storage, 'getItem' | 'setItem'>;
  beforeEach(() => {
    stored = new Map();
    storage = { getItem: (key) => stored.get(key) ?? null, setItem: (key, value) => void stored.set(key, value) };
  });

  it('keeps what another page has stored meanwhile', () => {
    const [here, there] = [new DeviceStore(() => storage), new DeviceStore(() => storage)];
    here.update((list) => withLink(list, linkTo(1)));
    there.update((list) => withLink(list, linkTo(2)));
    expect(here.load().devices).toHaveLength(2);
    expect(parseDeviceList(stored.get(deviceStorageKey) ?? null).devices).toHaveLength(2);
  });

  it('serves the page from memory where storage is denied', () => {
    const store = new DeviceStore(() => {
      throw new Error('denied');
    });
    store.update((list) => withLink(list, linkTo(1)));
    store.update((list) => withLink(list, linkTo(2)));
    expect(store.load().devices).toHaveLength(2);
  });
});

describe('the address of the page', () => {
  it.each(['', '#', '#/', '  '])('means nothing without a fragment: "%s"', (fragment) => {
    expect(readPageLink(fragment)).toEqual({ kind: 'none' });
  });

  it('adds and selects the device of a link, alone or pasted whole', () => {
    const whole = buildLink('https://page.example/x/', linkTo(3, { name: 'Barn', invite }));
    for (const text of [whole, new URL(whole).hash, ` ${whole}\n`]) {
      const link = readPageLink(text);
      expect(link.kind === 'device' && selectedDevice(link.change(emptyDeviceList))).toMatchObject({
        name: 'Barn',
        invite,
      });
    }
  });

  it('says what is wrong with a broken link', () => {
    expect(readPageLink('#/pair?k=abc')).toMatchObject({
      kind: 'broken',
      problem: expect.stringContaining('device key'),
    });
    expect(readPageLink('hello')).toMatchObject({ kind: 'broken' });
  });
});
