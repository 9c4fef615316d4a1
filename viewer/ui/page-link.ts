import { parseLink } from '../../protocol/link.ts';
import { type DeviceList, withLink } from './device-list.ts';

/** What the fragment of the page's address means for the list of devices. */
export type PageLink =
  /** There is no link; somebody opened the page by its plain address. */
  | { kind: 'none' }
  | { kind: 'device'; change: (list: DeviceList) => DeviceList }
  /** A link, but a broken one; the problem is a sentence for people. */
  | { kind: 'broken'; problem: string };

/** @param fragment `location.hash`, or a whole link that somebody pasted */
export function readPageLink(fragment: string): PageLink {
  const text = fragment.trim();
  if (text === '' || text === '#' || text === '#/') return { kind: 'none' };
  const link = parseLink(text);
  return link.ok
    ? { kind: 'device', change: (list) => withLink(list, link.value) }
    : { kind: 'broken', problem: link.error };
}
