import { describe, expect, it } from 'vitest';
import { chooseV4l2Format, parseV4l2Formats } from '../../../../agent/camera/v4l2-formats.ts';

/** What `ffmpeg -f v4l2 -list_formats all` printed for real devices. */
const printed = {
  /** Logitech C920. */
  c920: `
[video4linux2,v4l2 @ 0x20485c0] Raw       :     yuyv422 :           YUYV 4:2:2 : 640x480 160x90 160x120 176x144 320x180 320x240 352x288 432x240 640x360 800x448 800x600 864x480 960x720 1024x576 1280x720 1600x896 1920x1080 2304x1296 2304x1536
[video4linux2,v4l2 @ 0x20485c0] Compressed:        h264 :                H.264 : 640x480 160x90 160x120 176x144 320x180 320x240 352x288 432x240 640x360 800x448 800x600 864x480 960x720 1024x576 1280x720 1600x896 1920x1080
[video4linux2,v4l2 @ 0x20485c0] Compressed:       mjpeg :          Motion-JPEG : 640x480 160x90 160x120 176x144 320x180 320x240 352x288 432x240 640x360 800x448 800x600 864x480 960x720 1024x576 1280x720 1600x896 1920x1080
/dev/video0: Immediate exit requested`,
  /** A webcam with two forms. */
  webcam: `
[video4linux2,v4l2 @ 0x7f7de7c58bc0] Raw       :     yuyv422 :           YUYV 4:2:2 : 640x480 160x120 176x144 320x176 320x240 352x288 432x240 544x288 640x360 752x416 800x448 800x600 864x480 960x544 960x720 1024x576 1184x656 1280x720 1280x960
[video4linux2,v4l2 @ 0x7f7de7c58bc0] Compressed:       mjpeg :          Motion-JPEG : 640x480 160x120 176x144 320x176 320x240 352x288 432x240 544x288 640x360 752x416 800x448 800x600 864x480 960x544 960x720 1024x576 1184x656 1280x720 1280x960`,
  /** As newer versions begin their lines. */
  newer: `
[in#0 @ 0x5587] Raw       :     yuyv422 :           YUYV 4:2:2 : 640x480 1280x720 1920x1080 340x340
[in#0 @ 0x5587] Compressed:       mjpeg :          Motion-JPEG : 640x480 1280x720 1920x1080
Error opening input file /dev/video0.`,
};

/** The camera port of a Raspberry Pi with the old driver (bcm2835-v4l2), in the form that ffmpeg gives ranges. */
const raspberryPi = `
[video4linux2,v4l2 @ 0x1] Raw       :     yuv420p :     Planar YUV 4:2:0 : {32-2592, 2}x{32-1944, 2}
[video4linux2,v4l2 @ 0x1] Raw       : Unsupported :     Something strange : {32-2592, 2}x{32-1944, 2}
[video4linux2,v4l2 @ 0x1] Compressed:        h264 :                H.264 : {32-2592, 2}x{32-1944, 2}
[video4linux2,v4l2 @ 0x1] Compressed:       mjpeg :          Motion-JPEG : {32-2592, 2}x{32-1944, 2}`;

const hd = { widthMax: 1280, heightMax: 720, fps: 30, isPassthrough: false };
const choose = (stderr: string, wish: Partial<typeof hd> = {}) =>
  chooseV4l2Format(parseV4l2Formats(stderr), { ...hd, ...wish });

describe('parseV4l2Formats', () => {
  it('reads names, kinds and sizes', () => {
    expect(parseV4l2Formats(printed.newer)).toEqual([
      {
        name: 'yuyv422',
        isCompressed: false,
        sizes: [
          { width: [640, 640], height: [480, 480] },
          { width: [1280, 1280], height: [720, 720] },
          { width: [1920, 1920], height: [1080, 1080] },
          { width: [340, 340], height: [340, 340] },
        ],
      },
      expect.objectContaining({ name: 'mjpeg', isCompressed: true }),
    ]);
  });

  it('reads ranges, and leaves out what ffmpeg cannot read', () => {
    const formats = parseV4l2Formats(raspberryPi);
    expect(formats.map(({ name }) => name)).toEqual(['yuv420p', 'h264', 'mjpeg']);
    expect(formats[0]?.sizes).toEqual([{ width: [32, 2592], height: [32, 1944] }]);
  });

  it('finds nothing in an error', () => {
    expect(parseV4l2Formats('/dev/video0: No such file or directory')).toEqual([]);
  });
});

describe('chooseV4l2Format', () => {
  it('takes MJPEG where raw pictures would come at 10 frames a second', () => {
    const choice = { format: 'mjpeg', width: 1280, height: 720 };
    for (const stderr of Object.values(printed)) expect(choose(stderr)).toEqual(choice);
  });

  it('takes raw pictures where they come fast enough, which saves decoding', () => {
    const raw = { format: 'yuyv422', width: 640, height: 480 };
    expect(choose(printed.webcam, { widthMax: 640, heightMax: 480 })).toEqual(raw);
    expect(choose(printed.webcam, { fps: 10 })).toEqual({ format: 'yuyv422', width: 1280, height: 720 });
  });

  it('takes H.264 for passthrough, and says when there is none', () => {
    expect(choose(printed.c920, { isPassthrough: true })?.format).toBe('h264');
    expect(choose(printed.webcam, { isPassthrough: true })).toBeNull();
  });

  it('takes the largest picture in the box, and the smallest when all are larger', () => {
    expect(choose(printed.c920, { widthMax: 1000, heightMax: 600 })).toMatchObject({ width: 800, height: 600 });
    expect(choose(printed.newer, { widthMax: 320, heightMax: 240 })).toMatchObject({ width: 340, height: 340 });
    expect(choose(raspberryPi)).toEqual({ format: 'mjpeg', width: 1280, height: 720 });
  });

  it('leaves it to the driver when the device does not say', () => {
    expect(choose('')).toBeNull();
  });
});
