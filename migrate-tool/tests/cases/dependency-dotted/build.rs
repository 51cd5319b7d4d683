use std::env;

// A `links` value may contain dots: `usb-1.0`, of libusb1-sys.
fn main() {
    if env::var("DEP_USB_1.0_STATIC").as_deref() == Ok("1") {
        println!("cargo:rustc-cfg=static_usb");
    }
    if env::var("DEP_USB_1.0_VERSION_NUMBER").is_ok() {
        println!("cargo:rustc-cfg=versioned_usb");
    }
}
