import { z } from 'zod';
import { encodeBase64Url, parseBase64Url } from '../../protocol/bytes.ts';
import { deriveId, keyLengthBytes } from '../../protocol/identity.ts';
import { limits } from '../../protocol/limits.ts';
import type { DeviceLink } from '../../protocol/link.ts';

/** A device that this browser knows, as it is stored. */
export interface SavedDevice {
  /** Its X25519 public key as base64url: what names it, since names and brokers change. */
  publicKey: string;
  brokerUrl: string;
  name: string;
  topicPrefix?: string;
  /** Only until the device has accepted this browser. */
  invite?: string;
}

export interface DeviceList {
  devices: readonly SavedDevice[];
  /** `publicKey` of the device last looked at. */
  selected: string | null;
}

export const emptyDeviceList: DeviceList = { devices: [], selected: null };

/** Far more than a person switches between; keeps junk links from filling the storage. */
const devicesMaxCount = 64;

const savedDeviceSchema = z.object({
  publicKey: z.string().refine((text) => parseBase64Url(text, keyLengthBytes) !== null),
  brokerUrl: z
    .string()
    .max(256)
    .regex(/^wss?:\/\/[^\s/]+/),
  name: z.string().min(1).max(limits.nameMaxLength),
  topicPrefix: z.string().max(64).optional(),
  invite: z.string().max(32).optional(),
});

const storedListSchema = z.object({ devices: z.array(z.unknown()), selected: z.string().nullish() });

/** Reads what the browser stored. Entries that make no sense are left out, and nothing of it can fail. */
export function parseDeviceList(text: string | null): DeviceList {
  const stored = storedListSchema.safeParse(parseJsonOrNull(text ?? ''));
  if (!stored.success) return emptyDeviceList;
  const devices = new Map<string, SavedDevice>();
  for (const entry of stored.data.devices) {
    const device = savedDeviceSchema.safeParse(entry);
    if (device.success && devices.size < devicesMaxCount) devices.set(device.data.publicKey, device.data);
  }
  const selected = stored.data.selected ?? null;
  return { devices: [...devices.values()], selected: selected && devices.has(selected) ? selected : null };
}

export function selectedDevice(list: DeviceList): SavedDevice | null {
  return list.devices.find((device) => device.publicKey === list.selected) ?? list.devices[0] ?? null;
}

/** Adds the device of a link, or renews its broker and invite, and selects it. A name that a person gave stays. */
export function withLink(list: DeviceList, link: DeviceLink): DeviceList {
  const publicKey = encodeBase64Url(link.devicePublicKey);
  const known = list.devices.find((device) => device.publicKey === publicKey);
  const device: SavedDevice = {
    publicKey,
    brokerUrl: link.brokerUrl,
    name: known?.name ?? link.name ?? `Device ${deriveId(link.devicePublicKey).slice(0, 6)}`,
    topicPrefix: link.topicPrefix,
    invite: link.invite,
  };
  const others = list.devices.filter((other) => other !== known);
  const devices = known
    ? list.devices.map((other) => (other === known ? device : other))
    : [...others.slice(-(devicesMaxCount - 1)), device];
  return { devices, selected: publicKey };
}

export function withSelected(list: DeviceList, publicKey: string): DeviceList {
  return { ...list, selected: publicKey };
}

/** An empty name changes nothing. */
export function withName(list: DeviceList, publicKey: string, name: string): DeviceList {
  const trimmed = name.trim().slice(0, limits.nameMaxLength);
  return trimmed ? changeDevice(list, publicKey, (device) => ({ ...device, name: trimmed })) : list;
}

/** The device knows this browser from now on; its invite is of no more use and leaves the storage. */
export function withAccepted(list: DeviceList, publicKey: string): DeviceList {
  return changeDevice(list, publicKey, ({ invite: _used, ...device }) => device);
}

export function withoutDevice(list: DeviceList, publicKey: string): DeviceList {
  const devices = list.devices.filter((device) => device.publicKey !== publicKey);
  return { devices, selected: list.selected === publicKey ? null : list.selected };
}

/** What a client needs to reach a saved device. */
export function linkOf(device: SavedDevice): DeviceLink {
  const devicePublicKey = parseBase64Url(device.publicKey, keyLengthBytes);
  if (!devicePublicKey) throw new RangeError('A saved device without a valid key'); // parseDeviceList lets none in.
  const { brokerUrl, name, topicPrefix, invite } = device;
  return { devicePublicKey, brokerUrl, name, topicPrefix, invite };
}

function changeDevice(list: DeviceList, publicKey: string, change: (device: SavedDevice) => SavedDevice): DeviceList {
  return {
    ...list,
    devices: list.devices.map((device) => (device.publicKey === publicKey ? change(device) : device)),
  };
}

function parseJsonOrNull(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
