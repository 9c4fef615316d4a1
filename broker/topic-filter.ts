/** MQTT 3.1.1 section 4.7: topic names, topic filters, and which covers which. */

/** The specification allows 65535 bytes; ours are below 100, and matching costs time per level. */
const topicMaxBytes = 256;

/** A name that a message can be published to: no wildcard, no NUL, 1 to 256 bytes. */
export function isTopicName(text: string): boolean {
  return isTopicText(text) && !/[+#]/.test(text);
}

/** A filter whose wildcards fill whole levels, with `#` only as the last one. */
export function isTopicFilter(text: string): boolean {
  if (!isTopicText(text)) return false;
  const levels = text.split('/');
  return levels.every((level, index) => {
    if (level === '+') return true;
    if (level === '#') return index === levels.length - 1;
    return !/[+#]/.test(level);
  });
}

/** Whether a message to `topic` reaches a subscription of `filter`. Both must be valid. */
export function topicMatchesFilter(topic: string, filter: string): boolean {
  return filterCoversFilter(filter, topic);
}

/**
 * Whether everything that `inner` matches is matched by `outer` too. Both must be valid; a topic name is a filter that
 * matches itself.
 *
 * Levels are compared one by one, so `+/#` is not held to cover `#` although both match the same topics: whoever wants `#`
 * is to be granted `#`.
 */
export function filterCoversFilter(outer: string, inner: string): boolean {
  // A filter that begins with a wildcard does not match topics that begin with `$` [MQTT-4.7.2-1].
  if (inner.startsWith('$') && !outer.startsWith('$')) return false;
  const outerLevels = outer.split('/');
  const innerLevels = inner.split('/');
  for (const [index, outerLevel] of outerLevels.entries()) {
    // `a/#` matches `a` as well, so a level that is missing here may be one that `#` stands for.
    if (outerLevel === '#') return true;
    const innerLevel = innerLevels[index];
    if (innerLevel === undefined || innerLevel === '#') return false;
    if (outerLevel !== '+' && outerLevel !== innerLevel) return false;
  }
  return innerLevels.length === outerLevels.length;
}

function isTopicText(text: string): boolean {
  return text !== '' && !text.includes('\0') && Buffer.byteLength(text) <= topicMaxBytes;
}
