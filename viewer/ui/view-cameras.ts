import type { PictureWall } from './picture-wall.ts';
import type { ViewSession } from './view-session.ts';

/** What a person wants to see: one camera, or several with that one large. */
export interface CameraChoice {
  camera: string;
  /** Absent: the cameras on show stay, as far as they can. Empty: the one camera alone. */
  cameras?: readonly string[];
}

/** The properties of the view that name cameras. Its page sets them, and a person does in its menu. */
export interface CameraProperties {
  camera: string;
  cameras: readonly string[];
}

/** Brings the pictures on show, and the session that they come from, in line with the cameras that a view names. */
export class ViewCameras {
  private readonly view: CameraProperties;
  private readonly session: ViewSession;
  private readonly wall: PictureWall;
  private readonly onProblem: (sentence: string) => void;
  /** What `cameras` was when the pictures were last arranged. */
  private arranged: readonly string[] = [];
  /** They were chosen here, of this device, and not by the page. */
  private isChosenHere = false;

  constructor(options: {
    view: CameraProperties;
    session: ViewSession;
    wall: PictureWall;
    onProblem(sentence: string): void;
  }) {
    this.view = options.view;
    this.session = options.session;
    this.wall = options.wall;
    this.onProblem = options.onProblem;
  }

  /** Connects with a place for each camera. Where none is named, the device's first is shown. */
  open(link: string): void {
    const { camera, cameras } = this.view;
    const single = camera ? [camera] : [];
    const wanted = cameras.length > 0 ? cameras : single;
    this.arranged = cameras;
    this.wall.arrange(wanted);
    this.wall.enlarge(camera);
    void this.session.open(link, wanted);
  }

  choose({ camera, cameras = this.view.cameras }: CameraChoice): void {
    this.isChosenHere = true;
    this.view.camera = camera;
    this.view.cameras = cameras;
    // Of several pictures another may be large than the one that was named last.
    this.wall.enlarge(camera);
  }

  /** Another device has other cameras. */
  forgetChoice(): void {
    if (!this.isChosenHere) return;
    this.isChosenHere = false;
    this.view.camera = '';
    this.view.cameras = [];
  }

  /** The properties have changed while connected or connecting: to this link, which is the one in use. */
  follow(link: string): void {
    const { camera, cameras } = this.view;
    if (cameras.join() !== this.arranged.join()) this.open(link);
    else if (camera && !this.wall.enlarge(camera)) this.switchFirst(camera, link);
  }

  /** Another camera on the first line, in the session that there is. */
  private switchFirst(camera: string, link: string): void {
    if (this.session.status.state !== 'connected') {
      this.open(link);
      return;
    }
    this.session.selectCamera(camera).then(
      () => this.wall.enlarge(camera),
      (error: Error) => {
        if (this.view.camera !== camera) return;
        this.view.camera = this.wall.main.camera;
        this.onProblem(`The camera stays as it is: ${error.message}`);
      },
    );
  }
}
