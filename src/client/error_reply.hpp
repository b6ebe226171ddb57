// What a failure reply means.
#pragma once

#include <optional>

#include <boost/json.hpp>

#include <npu/result.hpp>

namespace npu::client {

// The error of a reply, or nullopt for a success. A manager that speaks version 1 gives no code:
// then the code is guessed from the text (docs/reference/protocol.md section 7).
std::optional<Error> error_in(const boost::json::object& reply);

}  // namespace npu::client
