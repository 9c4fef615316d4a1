/** Those of a URL: user and password before the host. Greedy up to the last @, since a password that nobody escaped may contain / and @. */
const account = /([a-z][a-z0-9+.-]*:\/\/)[^\s"']*@/gi;
/** Many cameras want them after the question mark, by names of their own. */
const query = /([a-z][a-z0-9+.-]*:\/\/[^\s"'?]*\?)[^\s"']+/gi;
/** And some in the path: `rtsp://HOST/user=NAME&password=PASSWORD&channel=1`. */
const pathParameter = /([/&;](?:user|username|pass|password|passwd|pwd|token|auth|key)=)[^\s"'&;/]+/gi;

/** Replaces what may be a user or password in every URL of a text, so that it may be logged and shown. */
export function redactCredentials(text: string): string {
  return text.replace(account, '$1***@').replace(query, '$1***').replace(pathParameter, '$1***');
}
