import type { PictureStats, ViewerStats } from '../client/viewer-stats.ts';
import { renditionName } from './quality-words.ts';

const unknown = '–';

export interface StatsRow {
  label: string;
  value: string;
}

/** What is measured of the pictures, as label and text, in the order in which people look for it. */
export function buildPictureRows(stats: PictureStats, { isOfSeveral = false } = {}): StatsRow[] {
  return [
    { label: 'Picture', value: sizeText(stats) ?? unknown },
    { label: 'Quality', value: stats.rendition === null ? unknown : renditionName(stats.rendition) },
    {
      label: isOfSeveral ? 'Share of the path' : 'Path carries',
      value: stats.targetKbps === null ? unknown : bitrateText(stats.targetKbps),
    },
    { label: 'Latency', value: millisecondsText(stats.glassToGlassMs) },
    { label: 'Codec', value: stats.codec ?? unknown },
    { label: 'Frame rate', value: `${stats.framesPerSecond.toFixed(1)} fps` },
    { label: 'Bitrate', value: bitrateText(stats.bitrateKbps) },
    { label: 'Jitter buffer', value: millisecondsText(stats.jitterBufferMs) },
    { label: 'First frame', value: millisecondsText(stats.firstFrameMs) },
    { label: 'Packet loss', value: `${stats.lossPercent.toFixed(1)} %` },
    {
      label: 'Lost in all',
      value: `${count(stats.packetsLost)} of ${count(stats.packetsLost + stats.packetsReceived)}`,
    },
    { label: 'Frames decoded', value: count(stats.framesDecoded) },
    { label: 'Freezes', value: count(stats.freezeCount) },
  ];
}

/** What is measured of the connection. */
export function buildPathRows(stats: ViewerStats): StatsRow[] {
  return [
    { label: 'Round trip', value: millisecondsText(stats.rttMs) },
    { label: 'Path', value: pathText(stats) },
  ];
}

/** The few figures that stand beside the picture all the time. */
export function buildStatsSummary(stats: PictureStats): { name: string; text: string; title?: string }[] {
  const latency = stats.glassToGlassMs === null ? null : millisecondsText(stats.glassToGlassMs);
  const parts = [
    { name: 'latency', text: latency, title: 'Latency: from the camera to this screen' },
    { name: 'size', text: sizeText(stats) },
    { name: 'rate', text: `${Math.round(stats.framesPerSecond)} fps` },
    { name: 'bitrate', text: bitrateText(stats.bitrateKbps) },
  ];
  return parts.flatMap(({ text, ...part }) => (text === null ? [] : [{ ...part, text }]));
}

export function bitrateText(kbps: number): string {
  return kbps < 1000 ? `${Math.round(kbps)} kbit/s` : `${(kbps / 1000).toFixed(1)} Mbit/s`;
}

export function millisecondsText(milliseconds: number | null): string {
  if (milliseconds === null) return unknown;
  return `${milliseconds < 10 ? milliseconds.toFixed(1) : Math.round(milliseconds)} ms`;
}

function sizeText({ width, height }: PictureStats): string | null {
  return width && height ? `${width} × ${height}` : null;
}

function pathText({ localCandidate, remoteCandidate }: ViewerStats): string {
  if (!localCandidate || !remoteCandidate) return unknown;
  const isRelayed = localCandidate === 'relay' || remoteCandidate === 'relay';
  return `${isRelayed ? 'relayed' : 'direct'} (${localCandidate} – ${remoteCandidate})`;
}

function count(value: number): string {
  return value.toLocaleString('en');
}
