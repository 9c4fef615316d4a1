/**
 * A point in time in the 64-bit NTP format (RFC 3550 4): seconds since 1900 and fractions of 1/2^32 s, 32 bits each.
 */
export interface NtpTime {
  seconds: number;
  fraction: number;
}

const secondsFrom1900To1970 = 2_208_988_800;

/** Converts milliseconds since 1970 to NTP time; the seconds wrap in 2036 as RFC 3550 4 wants it. */
export function ntpTimeOf(unixMs: number): NtpTime {
  const unixSeconds = Math.floor(unixMs / 1000);
  return {
    seconds: (unixSeconds + secondsFrom1900To1970) >>> 0,
    fraction: Math.floor(((unixMs - unixSeconds * 1000) / 1000) * 2 ** 32),
  };
}

/** The middle 32 bits, which a receiver sends back in its reports (RFC 3550 6.4.1, LSR). */
export function compactNtp(time: NtpTime): number {
  return ((time.seconds << 16) | (time.fraction >>> 16)) >>> 0;
}
