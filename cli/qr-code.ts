import qrCode from 'qrcode';

/** A link as a QR code of text lines: in black on white where the terminal has colours, plain blocks in a file or a journal. */
export function renderQrCode(link: string): Promise<string> {
  const type = process.stdout.isTTY ? 'terminal' : 'utf8';
  return qrCode.toString(link, { type, small: true, errorCorrectionLevel: 'L' });
}
