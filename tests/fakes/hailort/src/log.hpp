// What the library says besides its status codes.
//
// Lines go to standard error and, like those of the original, into hailort.log in the folder that
// HAILORT_LOGGER_PATH names (NONE: nowhere). Without that variable the original writes into the
// working directory; this does not. What the chip says stays on the chip.
#pragma once

#include <string>

namespace hailo_fake {

void log_error(const std::string& text);
void log_warning(const std::string& text);

}  // namespace hailo_fake
