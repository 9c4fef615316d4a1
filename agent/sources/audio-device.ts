import { failure, type Result, success } from '../../protocol/result.ts';

/** A sound device of this machine. */
export type AudioDevice =
  /** By its ALSA name: `default`, `plughw:1,0`, `plughw:CARD=Device`. */
  | { kind: 'alsa'; name: string }
  /** By the name of a source or sink of the sound server (PulseAudio or PipeWire). */
  | { kind: 'pulse'; name: string };

// An ALSA name may hold configuration, and a plugin named there may write files and run programs: nothing that needs more than
// these characters is let through, and nothing that reads as an option.
const alsaName = /^[A-Za-z][\w:=,.-]{0,127}$/;
const pulseName = /^[A-Za-z@][\w.:@+-]{0,255}$/;

/** @returns null when the text does not name a device at all, for somebody else to read */
export function parseAudioDevice(text: string): Result<AudioDevice, string> | null {
  if (text.startsWith('alsa:')) {
    const name = text.slice('alsa:'.length);
    return alsaName.test(name)
      ? success({ kind: 'alsa', name })
      : failure('must name an ALSA device after "alsa:", such as default or plughw:1,0');
  }
  if (text.startsWith('pulse:')) {
    const name = text.slice('pulse:'.length);
    return pulseName.test(name)
      ? success({ kind: 'pulse', name })
      : failure('must have after "pulse:" default, or a name that "pactl list short" shows');
  }
  return null;
}

/** For logs and messages. */
export function describeDevice({ kind, name }: AudioDevice): string {
  return `${kind}:${name}`;
}
