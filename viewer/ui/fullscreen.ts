/** Fills the screen with `element`, or gives it back. A browser that refuses leaves everything as it was. */
export async function toggleFullscreen(element: HTMLElement, video: HTMLVideoElement): Promise<void> {
  try {
    if (element.matches(':fullscreen')) await document.exitFullscreen();
    else if (element.requestFullscreen) await element.requestFullscreen();
    // Apple's phones fill the screen with nothing but a video.
    else if ('webkitEnterFullscreen' in video) (video.webkitEnterFullscreen as () => void)();
  } catch (error) {
    console.warn('porthole: no full screen', error);
  }
}
