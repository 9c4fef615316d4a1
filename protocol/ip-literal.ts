/**
 * Whether `text` is an IPv4 or IPv6 address as `getaddrinfo` takes it without asking anybody: what fails there goes on to the
 * resolver. Zones (`fe80::1%eth0`) and the old short, octal and hexadecimal forms of IPv4 are not taken.
 */
export function isIpLiteral(text: string): boolean {
  return isIpv4(text) || isIpv6(text);
}

function isIpv4(text: string): boolean {
  const parts = text.split('.');
  return parts.length === 4 && parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) <= 255);
}

// RFC 4291 section 2.2: eight groups, one run of which may be `::`, and the last two of which may be an IPv4 address.
function isIpv6(text: string): boolean {
  const lastColon = text.lastIndexOf(':');
  if (lastColon < 0) return false;
  const tail = text.slice(lastColon + 1);
  if (tail.includes('.')) return isIpv4(tail) && isIpv6(`${text.slice(0, lastColon + 1)}0:0`);
  const [before = '', after, ...more] = text.split('::');
  if (more.length > 0) return false;
  const groups = [before, after ?? ''].flatMap((half) => (half === '' ? [] : half.split(':')));
  const isComplete = after === undefined ? groups.length === 8 : groups.length < 8;
  return isComplete && groups.every((group) => /^[0-9a-f]{1,4}$/i.test(group));
}
