#ifndef DAYBOOK_CX11_SHIM_H
#define DAYBOOK_CX11_SHIM_H

#include <X11/Xatom.h>
#include <X11/XKBlib.h>
#include <X11/Xlib.h>
#include <X11/Xutil.h>
#include <X11/extensions/XInput2.h>
#include <X11/keysym.h>
#include <setjmp.h>
#include <signal.h>
#include <stddef.h>
#include <unistd.h>

// What Xlib offers only as macros or C unions, as functions.

static inline Window cx11_root(Display *display) { return DefaultRootWindow(display); }

static inline int cx11_descriptor(Display *display) { return ConnectionNumber(display); }

// The bits of a window id that its client chooses; the others name the client.
static inline unsigned long cx11_resource_mask(Display *display) {
    // The server gives every client as many bits; 21 is what all X servers of the last decades give.
    (void)display;
    return 0x1fffff;
}

// Asks for raw keys and buttons of all devices, wherever the focus or a grab is (XInput 2.1 and later).
static inline void cx11_select_raw(Display *display) {
    unsigned char mask[XIMaskLen(XI_LASTEVENT)] = {0};
    XISetMask(mask, XI_RawKeyPress);
    XISetMask(mask, XI_RawKeyRelease);
    XISetMask(mask, XI_RawButtonPress);
    XIEventMask selection = {XIAllMasterDevices, sizeof(mask), mask};
    XISelectEvents(display, DefaultRootWindow(display), &selection, 1);
}

// Asks for changes of modifiers, group and keyboard map.
static inline void cx11_select_keyboard(Display *display) {
    XkbSelectEventDetails(display, XkbUseCoreKbd, XkbStateNotify, XkbAllStateComponentsMask,
                          XkbAllStateComponentsMask);
    XkbSelectEvents(display, XkbUseCoreKbd, XkbMapNotifyMask | XkbNewKeyboardNotifyMask,
                    XkbMapNotifyMask | XkbNewKeyboardNotifyMask);
}

// One event, flattened to what the agent looks at.
typedef struct {
    int type;              // core type; GenericEvent for raw input
    int raw_type;          // XI_Raw...; 0 if not raw
    int detail;            // keycode or button
    unsigned long time;    // server time in ms; 0 if the event has none
    Window window;
    Atom atom;
    int mode;              // of FocusIn and FocusOut
    int is_keyboard_state; // XkbStateNotify
    int is_keyboard_map;   // XkbMapNotify, XkbNewKeyboardNotify, MappingNotify
    unsigned int modifiers;
    int group;
    int is_expose;
    int x;                 // of a button, in the window
    int y;
} cx11_event;

// Takes the next event off the queue; the caller made sure that there is one.
static inline cx11_event cx11_next(Display *display, int xkb_event, int input_opcode) {
    cx11_event out = {0};
    XEvent event;
    XNextEvent(display, &event);
    out.type = event.type;
    if (event.type == GenericEvent && event.xcookie.extension == input_opcode) {
        if (XGetEventData(display, &event.xcookie)) {
            XIRawEvent *raw = (XIRawEvent *)event.xcookie.data;
            out.raw_type = event.xcookie.evtype;
            out.detail = raw->detail;
            out.time = raw->time;
            XFreeEventData(display, &event.xcookie);
        }
    } else if (event.type == xkb_event) {
        XkbEvent *keyboard = (XkbEvent *)&event;
        out.time = keyboard->any.time;
        if (keyboard->any.xkb_type == XkbStateNotify) {
            out.is_keyboard_state = 1;
            out.modifiers = keyboard->state.mods;
            out.group = keyboard->state.group;
        } else if (keyboard->any.xkb_type == XkbMapNotify) {
            out.is_keyboard_map = 1;
            XkbRefreshKeyboardMapping(&keyboard->map);
        } else if (keyboard->any.xkb_type == XkbNewKeyboardNotify) {
            out.is_keyboard_map = 1;
        }
    } else if (event.type == MappingNotify) {
        out.is_keyboard_map = 1;
        XRefreshKeyboardMapping(&event.xmapping);
    } else if (event.type == PropertyNotify) {
        out.window = event.xproperty.window;
        out.atom = event.xproperty.atom;
        out.time = event.xproperty.time;
    } else if (event.type == FocusIn || event.type == FocusOut) {
        out.window = event.xfocus.window;
        out.mode = event.xfocus.mode;
        out.detail = event.xfocus.detail;
    } else if (event.type == KeyPress || event.type == KeyRelease) {
        out.window = event.xkey.window;
        out.detail = (int)event.xkey.keycode;
        out.time = event.xkey.time;
    } else if (event.type == ButtonPress || event.type == ButtonRelease) {
        out.window = event.xbutton.window;
        out.detail = (int)event.xbutton.button;
        out.time = event.xbutton.time;
        out.x = event.xbutton.x;
        out.y = event.xbutton.y;
    } else if (event.type == Expose) {
        out.window = event.xexpose.window;
        out.is_expose = event.xexpose.count == 0;
    } else if (event.type == ClientMessage) {
        out.window = event.xclient.window;
        out.atom = (Atom)event.xclient.data.l[0];
    } else {
        out.window = event.xany.window;
    }
    return out;
}

// The key symbol of a keycode under modifiers and group; the modifiers that made it are in `used`.
static inline KeySym cx11_keysym(Display *display, int keycode, unsigned int modifiers, int group,
                                 unsigned int *used) {
    KeySym symbol = NoSymbol;
    unsigned int state = XkbBuildCoreState(modifiers, group);
    if (!XkbLookupKeySym(display, (KeyCode)keycode, state, used, &symbol)) return NoSymbol;
    return symbol;
}

// Whether the key symbol only changes others: Shift, Control, locks, level shifts.
static inline int cx11_is_modifier(KeySym symbol) {
    return IsModifierKey(symbol) || (symbol >= XK_ISO_Lock && symbol <= XK_ISO_Last_Group_Lock)
        || symbol == XK_Mode_switch || symbol == XK_Num_Lock;
}

// Whether a key repeats while held; bit set of 256 keys.
static inline int cx11_repeats(Display *display, int keycode) {
    XKeyboardState state = {0};
    XGetKeyboardControl(display, &state);
    return state.global_auto_repeat == AutoRepeatModeOn
        && (state.auto_repeats[keycode / 8] >> (keycode % 8) & 1);
}

// Names the program of a window.
static inline void cx11_set_class(Display *display, Window window, const char *name,
                                  const char *class_name) {
    XClassHint hint = {(char *)name, (char *)class_name};
    XSetClassHint(display, window, &hint);
}

// Keeps a window out of the window manager's hands: it has no frame and takes no focus.
static inline void cx11_set_unmanaged(Display *display, Window window) {
    XSetWindowAttributes attributes = {0};
    attributes.override_redirect = True;
    XChangeWindowAttributes(display, window, CWOverrideRedirect, &attributes);
}

static int cx11_ignore_error(Display *display, XErrorEvent *error) {
    (void)display;
    (void)error;
    return 0;
}

// Called by Xlib, which has locked the display for this thread and expects it to end the process. The
// lock must go, since the next call, also the one that closes the display, may come from another thread.
static void cx11_lost(Display *display, void *flag) {
    *(int *)flag = 1;
    XUnlockDisplay(display);
}

// Where to go on when the display that this thread is opening goes away.
static jmp_buf **cx11_opening(void) {
    static _Thread_local jmp_buf *opening;
    return &opening;
}

// Xlib ends the process after this handler unless the display has an exit handler of its own, which
// it cannot have before it is open: so opening is left with a jump. What Xlib had allocated by then is
// not freed, its connection is closed.
static int cx11_io_error(Display *display) {
    if (*cx11_opening() != NULL) {
        close(ConnectionNumber(display));
        longjmp(**cx11_opening(), 1);
    }
    return 0;
}

// Writing to a display that has gone raises SIGPIPE, which would end the process before any handler of
// Xlib's is asked. Ignored where nobody has chosen something else; the write then fails, as it should.
static inline void cx11_survive_broken_pipe(void) {
    struct sigaction now;
    if (sigaction(SIGPIPE, NULL, &now) == 0 && now.sa_handler == SIG_DFL) {
        signal(SIGPIPE, SIG_IGN);
    }
}

// Opens a display and looks for its extensions; NULL when it cannot be opened. libXi has no answer for
// a display that goes while it asks for its version, so that this belongs to opening too. Windows vanish at any moment, so errors about them
// are no news; and a lost display must not end the process before the spool is closed: it sets the
// flag instead.
static inline Display *cx11_open(const char *name, int *lost_flag, int *input_opcode,
                                 int *keyboard_event) {
    jmp_buf opening;
    cx11_survive_broken_pipe();
    XSetErrorHandler(cx11_ignore_error);
    XSetIOErrorHandler(cx11_io_error);
    if (setjmp(opening) != 0) {
        *cx11_opening() = NULL;
        return NULL;
    }
    *cx11_opening() = &opening;
    Display *display = XOpenDisplay(name);
    if (display != NULL) {
        int opcode, event, error, major = 2, minor = 1;
        XSetIOErrorExitHandler(display, cx11_lost, lost_flag);
        int has_input = XQueryExtension(display, "XInputExtension", &opcode, &event, &error)
            && XIQueryVersion(display, &major, &minor) == Success;
        *input_opcode = has_input ? opcode : -1;
        major = 1;
        minor = 0;
        int has_keyboard = XkbQueryExtension(display, &opcode, &event, &error, &major, &minor);
        *keyboard_event = has_keyboard ? event : -1;
    }
    *cx11_opening() = NULL;
    return display;
}

#endif
