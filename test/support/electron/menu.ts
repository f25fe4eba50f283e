/** `Menu` and `MenuItem`: built from templates, with what each role shows and does. */
import { app } from './app.ts';
import { asReal, createEvent, faithful } from './faithful.ts';
import { focusedWindow, windowOf, type BrowserWindowDouble } from './windows.ts';

type Options = Electron.MenuItemConstructorOptions;
type Role = NonNullable<Options['role']>;

const zoom = (change: (level: number) => number) => (window: BrowserWindowDouble | null) => window?.contents.setZoomLevel(change(window.contents.getZoomLevel()));

interface RoleModel {
  label: string;
  accelerator?: string;
  submenu?: Options[];
  /** Absent: the page itself does it (editing), or the desktop. */
  act?: (window: BrowserWindowDouble | null) => void;
}

const editing = (label: string, accelerator: string): RoleModel => ({ label, accelerator });
const roles: Partial<Record<Role, RoleModel>> = {
  quit: { label: process.platform === 'win32' ? 'Exit' : 'Quit', accelerator: 'CommandOrControl+Q', act: () => app.quit() },
  close: { label: process.platform === 'darwin' ? 'Close Window' : 'Close', accelerator: 'CommandOrControl+W', act: (window) => window?.close() },
  minimize: { label: 'Minimize', accelerator: 'CommandOrControl+M', act: (window) => window?.minimize() },
  togglefullscreen: { label: 'Toggle Full Screen', accelerator: 'F11', act: (window) => window?.setFullScreen(!window.isFullScreen()) },
  reload: { label: 'Reload', accelerator: 'CmdOrCtrl+R', act: (window) => window?.reload() },
  forceReload: { label: 'Force Reload', accelerator: 'Shift+CmdOrCtrl+R', act: (window) => window?.reload() },
  toggleDevTools: { label: 'Toggle Developer Tools', accelerator: 'Ctrl+Shift+I', act: (window) => window?.contents.toggleDevTools() },
  resetZoom: { label: 'Actual Size', accelerator: 'CommandOrControl+0', act: zoom(() => 0) },
  zoomIn: { label: 'Zoom In', accelerator: 'CommandOrControl+Plus', act: zoom((level) => level + 0.5) },
  zoomOut: { label: 'Zoom Out', accelerator: 'CommandOrControl+-', act: zoom((level) => level - 0.5) },
  undo: editing('Undo', 'CommandOrControl+Z'),
  redo: editing('Redo', 'Shift+CommandOrControl+Z'),
  cut: editing('Cut', 'CommandOrControl+X'),
  copy: editing('Copy', 'CommandOrControl+C'),
  paste: editing('Paste', 'CommandOrControl+V'),
  delete: { label: 'Delete' },
  selectAll: editing('Select All', 'CommandOrControl+A'),
  zoom: { label: 'Zoom' },
  help: { label: 'Help' },
  services: { label: 'Services' },
  hide: { label: 'Hide' },
  hideOthers: { label: 'Hide Others' },
  unhide: { label: 'Show All' },
  editMenu: { label: 'Edit', submenu: [{ role: 'undo' }, { role: 'redo' }, { type: 'separator' }, { role: 'cut' }, { role: 'copy' }, { role: 'paste' }, { role: 'delete' }, { type: 'separator' }, { role: 'selectAll' }] },
  windowMenu: { label: 'Window', submenu: [{ role: 'minimize' }, { role: 'zoom' }, ...(process.platform === 'darwin' ? [] : [{ role: 'close' } satisfies Options])] },
};

type ModelledItem = Pick<Electron.MenuItem, 'label' | 'role' | 'type' | 'enabled' | 'visible' | 'checked' | 'accelerator' | 'registerAccelerator' | 'id' | 'commandId'>;

let commands = 0;

export class MenuItemDouble implements ModelledItem {
  label: string;
  type: Electron.MenuItem['type'];
  enabled: boolean;
  visible: boolean;
  checked: boolean;
  accelerator: Electron.MenuItem['accelerator'];
  registerAccelerator: boolean;
  id: string;
  commandId: number;
  role?: NonNullable<Electron.MenuItem['role']>;
  submenu?: MenuDouble;
  private readonly model: RoleModel | null;
  private readonly onClick: Options['click'];

  constructor(options: Options) {
    const { role } = options;
    this.model = role === undefined ? null : (roles[role] ?? null);
    if (role !== undefined && this.model === null) throw new Error(`The double of Electron does not model the menu role "${role}".`);
    if (options.type !== undefined && !['normal', 'separator', 'submenu', 'checkbox', 'radio'].includes(options.type)) throw new Error(`Unknown menu item type: ${options.type}`);
    const submenu = options.submenu ?? this.model?.submenu;
    if (options.type === 'submenu' && submenu === undefined) throw new Error('Invalid submenu');
    if (options.label === undefined && role === undefined && options.type !== 'separator') throw new Error('Invalid template for MenuItem: must have at least one of label, role or type');
    this.type = options.type ?? (submenu === undefined ? 'normal' : 'submenu');
    this.label = options.label ?? this.model?.label ?? '';
    if (role !== undefined) this.role = asReal<{ role: NonNullable<Electron.MenuItem['role']> }>(options).role;
    if (submenu !== undefined) this.submenu = submenu instanceof MenuDouble ? submenu : MenuDouble.fromTemplate(submenu as Options[]);
    this.enabled = options.enabled ?? true;
    this.visible = options.visible ?? true;
    this.checked = options.checked ?? false;
    this.accelerator = options.accelerator ?? this.model?.accelerator ?? null;
    this.registerAccelerator = options.registerAccelerator ?? true;
    this.id = options.id ?? '';
    commands += 1;
    this.commandId = commands;
    this.onClick = options.click;
  }

  /** A role does what it is for, whatever `click` says. */
  choose(): void {
    if (!this.enabled || !this.visible) throw new Error(`"${this.label}" cannot be chosen now.`);
    const window = focusedWindow();
    if (this.type === 'checkbox') this.checked = !this.checked;
    if (this.role === undefined) this.onClick?.(asReal(this), window === null ? undefined : asReal(window), asReal({}));
    else if (this.model?.act === undefined) throw new Error(`The double of Electron does not do what the menu role "${this.role}" does.`);
    else this.model.act(window);
  }
}

export class MenuDouble implements Pick<Electron.Menu, 'append' | 'getMenuItemById' | 'items' | 'popup'> {
  items: Electron.MenuItem[] = [];

  static fromTemplate(template: readonly (Options | Electron.MenuItem)[]): MenuDouble {
    const menu = new MenuDouble();
    for (const each of template) menu.append(each instanceof MenuItemDouble ? asReal(each) : asReal(new MenuItemDouble(each as Options)));
    return menu;
  }
  append(item: Electron.MenuItem): void {
    this.items.push(item);
  }
  popup(options: Electron.PopupOptions = {}): void {
    if (this.items.length === 0) return;
    popped.push({ entries: entriesOf(this), window: options.window?.id ?? null });
  }
  getMenuItemById(id: string): Electron.MenuItem | null {
    return doublesOf(this).map((item) => (item.id === id ? asReal<Electron.MenuItem>(item) : (item.submenu?.getMenuItemById(id) ?? null))).find((found) => found !== null) ?? null;
  }
}

function doublesOf(menu: MenuDouble): MenuItemDouble[] {
  return menu.items.map((item) => asReal<MenuItemDouble>(item));
}

let applicationMenu: MenuDouble | null = null;
/** Menus that came up where somebody pressed the right button. */
const popped: { entries: MenuEntry[]; window: number | null }[] = [];

export const Menu = faithful('Menu', Object.assign(MenuDouble, {
  buildFromTemplate: (template: (Options | Electron.MenuItem)[]) => asReal<Electron.Menu>(MenuDouble.fromTemplate(template)),
  setApplicationMenu: (menu: Electron.Menu | null) => void (applicationMenu = menu === null ? null : asReal(menu)),
  getApplicationMenu: () => (applicationMenu === null ? null : asReal<Electron.Menu>(applicationMenu)),
} satisfies Pick<typeof Electron.Menu, 'buildFromTemplate' | 'setApplicationMenu' | 'getApplicationMenu'>));
export const MenuItem = faithful('MenuItem', MenuItemDouble);

export interface MenuEntry {
  label: string;
  role: string | null;
  accelerator: string | null;
  enabled: boolean;
  entries: MenuEntry[];
}

/** As it is read: `&` only marks a letter. */
const spoken = (label: string): string => label.replaceAll(/&(.?)/g, '$1');

function entriesOf(menu: MenuDouble | null): MenuEntry[] {
  if (menu === null) return [];
  return doublesOf(menu).filter((item) => item.visible && item.type !== 'separator').map((item) => ({ label: spoken(item.label), role: item.role ?? null, accelerator: item.accelerator, enabled: item.enabled, entries: entriesOf(item.submenu ?? null) }));
}

export const menuHands = {
  menu: () => entriesOf(applicationMenu),
  /** The right button, on something in the page of a window. @returns the menu that came up, or null */
  rightClick(id: number, on: Pick<Electron.ContextMenuParams, 'isEditable' | 'selectionText'>): MenuEntry[] | null {
    const before = popped.length;
    windowOf(id).contents.tell('context-menu', createEvent({}), asReal(faithful('ContextMenuParams', { x: 0, y: 0, ...on })));
    return popped.length > before ? (popped.at(-1)?.entries ?? null) : null;
  },
  /** @param path the labels on the way */
  choose(path: string[]): void {
    let menu = applicationMenu;
    let item: MenuItemDouble | undefined;
    for (const label of path) {
      item = menu === null ? undefined : doublesOf(menu).find((each) => spoken(each.label) === label);
      if (item === undefined) throw new Error(`There is no "${label}" on the way ${path.join(' › ')}.`);
      menu = item.submenu ?? null;
    }
    item?.choose();
  },
};
