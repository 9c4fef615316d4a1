/**
 * Switches a running ffmpeg. Encoders take no commands, but a filter with timeline support takes a new `enable` expression on
 * stdin. The switch here is a `metadata` filter that selects a key which no frame has: enabled, it drops every frame;
 * disabled, it lets all pass.
 */

/** The switch as it stands in a filter chain; a closed one costs neither scaling nor encoding behind it. */
export function buildGate(name: string, state: 'open' | 'closed'): string {
  return `metadata@${name}=mode=select:key=nokey:enable=${state === 'closed' ? 1 : 0}`;
}

export function buildOpenCommand(gateName: string): string {
  return buildEnableCommand(gateName, '0');
}

export function buildCloseCommand(gateName: string): string {
  return buildEnableCommand(gateName, '1');
}

/** Makes an open gate drop just the next frame. The encoder behind it takes the gap for a keyframe request (`encoder.ts`). */
export function buildDropOneCommand(gateName: string): string {
  return buildEnableCommand(gateName, `${rememberNextFrame};${isNextFrame}`);
}

/** Makes a closed gate let just the next frame pass. */
export function buildPassOneCommand(gateName: string): string {
  return buildEnableCommand(gateName, `${rememberNextFrame};not(${isNextFrame})`);
}

// ffmpeg evaluates the expression twice per frame, so "the next frame" is a frame number and not the first evaluation. It is kept
// plus one, because 0 means that nothing is kept yet.
const rememberNextFrame = 'st(1,if(ld(1),ld(1),n+1))';
const isNextFrame = 'eq(ld(1),n+1)';

/** `c<target> <time> <command> <argument>`; time -1 is "now". */
function buildEnableCommand(gateName: string, expression: string): string {
  return `cmetadata@${gateName} -1 enable ${expression}`;
}
