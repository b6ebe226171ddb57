// What failures of the device manager mean to a service and to its clients.
#pragma once

#include <npu/result.hpp>

namespace npu::kit {

inline constexpr const char* kModelLoading = "model_loading";

// What a client of the service is told: trouble with the model's file or its input is ours, not the
// client's, and names of files stay inside.
Error error_for_client(const Error& error);

// What a client is told whose request needs what is known once the model has been loaded.
Error being_loaded();

// Which errors mean that no request can succeed for now, and what they are called in /health/ready.
// nullptr: the next request may well succeed.
const char* what_is_gone(ErrorCode code);

}  // namespace npu::kit
