"""Headers that tell browsers what a page may use and which sites may load an answer."""

# Nothing here asks for a device, a place, a payment or a reader's interests.
PERMISSIONS_POLICY = ", ".join(
    f"{feature}=()"
    for feature in (
        *("accelerometer", "browsing-topics", "camera", "display-capture", "geolocation", "gyroscope"),
        *("hid", "idle-detection", "magnetometer", "microphone", "midi", "payment", "screen-wake-lock"),
        *("serial", "usb", "xr-spatial-tracking"),
    )
)
CORP = "Cross-Origin-Resource-Policy"
EVERY_SITE = "cross-origin"
OWN_ORIGIN = "same-origin"
