/** Replaces the user and password of every URL in a text, so that it may be logged and shown. */
export function redactCredentials(text: string): string {
  // Greedy up to the last @ before a space, because a password that nobody escaped may contain / and @ itself.
  return text.replace(/([a-z][a-z0-9+.-]*:\/\/)[^\s"']*@/gi, '$1***@');
}
