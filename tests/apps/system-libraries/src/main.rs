//! Calls one function of each library, and prints what it says.

use std::ffi::CStr;
use std::os::raw::{c_char, c_void};

extern "C" {
    fn XML_ExpatVersion() -> *const c_char;
    fn wl_display_connect(name: *const c_char) -> *mut c_void;
}

// What is only linked, and called by its C name.
use expat_sys as _;
use wayland_sys as _;

fn text(pointer: *const c_char) -> String {
    unsafe { CStr::from_ptr(pointer) }.to_string_lossy().into_owned()
}

fn main() {
    unsafe {
        println!("alsa {}", text(alsa_sys::snd_asoundlib_version()));
        println!("curl {}", text(curl_sys::curl_version()));
        println!("expat {}", text(XML_ExpatVersion()));
        println!("z {}", text(libz_sys::zlibVersion()));
        println!("lzma {}", lzma_sys::lzma_version_number());
        println!("pulse {}", text(libpulse_sys::version::pa_get_library_version()));
        println!("pq {}", pq_sys::PQlibVersion());

        let mut library = std::ptr::null_mut();
        assert_eq!(freetype_sys::FT_Init_FreeType(&mut library), 0);
        println!("freetype {}", freetype_sys::FT_Done_FreeType(library));

        println!("fontconfig {}", fontconfig_sys::FcGetVersion());

        println!("dbus {}", libdbus_sys::dbus_threads_init_default());
        println!("seccomp {}", (*libseccomp_sys::seccomp_version()).major);
        println!("usb {}", (*libusb1_sys::libusb_get_version()).major);

        let udev = libudev_sys::udev_new();
        println!("udev {}", !udev.is_null());

        let mut version = sdl2_sys::SDL_version { major: 0, minor: 0, patch: 0 };
        sdl2_sys::SDL_GetVersion(&mut version);
        println!("sdl2 {}", version.major);

        println!("x11 {}", x11::xlib::XOpenDisplay(c"nowhere:0".as_ptr()).is_null());
        println!("wayland {}", wl_display_connect(c"/nowhere".as_ptr()).is_null());

        println!("glib {}", glib_sys::glib_check_version(2, 0, 0).is_null());
        println!("gdk {}", gdk4_sys::gdk_display_get_type() != 0);
        println!("gtk {}", gtk4_sys::gtk_get_major_version());
        println!("adwaita {}", libadwaita_sys::adw_get_major_version());
        let (mut a, mut b, mut c, mut d) = (0, 0, 0, 0);
        gstreamer_sys::gst_version(&mut a, &mut b, &mut c, &mut d);
        println!("gstreamer {a}.{b}");
    }
}
