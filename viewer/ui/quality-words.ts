/** What a device sends of a camera, and why. */
export interface SentQuality {
  /** `top`, `half`, `quarter`, `vp8` or `keyframes-only`. */
  rendition: string;
  /** What the device believes the path carries. */
  targetKbps: number | null;
  /** A code of the device, such as `delay` or `pinned`. */
  reason: string | null;
}

const renditionNames: Readonly<Record<string, string>> = {
  top: 'Full size',
  half: 'Half size',
  quarter: 'Quarter size',
  vp8: 'Half size (VP8)',
  'keyframes-only': 'Single pictures',
};

/** For people; what this version does not know is called as the device calls it. */
export function renditionName(rendition: string): string {
  return renditionNames[rendition] ?? rendition;
}

/** In one line, such as "Half size: the path carries 0.9 Mbit/s". */
export function describeQuality(quality: SentQuality): string {
  const reason = describeReason(quality);
  return reason ? `${renditionName(quality.rendition)}: ${reason}` : renditionName(quality.rendition);
}

/** The reason alone, as the second half of a sentence; empty when there is nothing to say. */
export function describeReason({ reason, targetKbps }: SentQuality): string {
  const carries = targetKbps === null ? '' : `the path carries ${capacityText(targetKbps)}`;
  switch (reason) {
    case 'pinned':
      return 'chosen by you';
    case 'start':
      return 'to begin with';
    case 'feedback-gap':
      return 'no reports arrive from this browser';
    case 'remb':
      return targetKbps === null ? 'asked for by this browser' : `this browser takes ${capacityText(targetKbps)}`;
    case 'loss':
      return ['packets get lost', carries].filter(Boolean).join(', ');
    case 'delay':
      return carries || 'the path has become slower';
    case 'increase':
    case 'probe':
      return carries || 'the path carries more';
    default:
      return carries || (reason ?? '').replaceAll('-', ' ');
  }
}

/** A target is an estimate, and so it is told with two figures at most. */
function capacityText(kbps: number): string {
  if (kbps < 100) return `${Math.round(kbps)} kbit/s`;
  return `${(kbps / 1000).toFixed(kbps < 10_000 ? 1 : 0)} Mbit/s`;
}
