import { type DeviceList, emptyDeviceList, parseDeviceList } from './device-list.ts';

export const deviceStorageKey = 'porthole.devices';

/**
 * The device list in this browser's storage. Every change starts from what is stored at that moment, so that two open pages do
 * not undo each other's. Where storage is denied, the list lives as long as the page.
 */
export class DeviceStore {
  private readonly openStorage: () => Pick<Storage, 'getItem' | 'setItem'>;
  private unsaved: DeviceList = emptyDeviceList;

  /** @param openStorage may throw, as reading the property `localStorage` does where storage is denied */
  constructor(openStorage: () => Pick<Storage, 'getItem' | 'setItem'>) {
    this.openStorage = openStorage;
  }

  load(): DeviceList {
    try {
      return parseDeviceList(this.openStorage().getItem(deviceStorageKey));
    } catch {
      return this.unsaved;
    }
  }

  update(change: (list: DeviceList) => DeviceList): DeviceList {
    const list = change(this.load());
    this.unsaved = list;
    try {
      this.openStorage().setItem(deviceStorageKey, JSON.stringify(list));
    } catch {
      // Denied or full: `unsaved` serves this page.
    }
    return list;
  }
}
