/** What a viewer can ask for: the device's choice by what the path carries, or one size of the picture. */
export const videoQualities = ['auto', 'top', 'half', 'quarter'] as const;
export type VideoQuality = (typeof videoQualities)[number];
