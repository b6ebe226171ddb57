// Whether an ONNX file keeps weights outside of itself.
//
// ONNX Runtime reads what such a tensor names, "/etc/shadow" or an address in memory, with the
// rights of this process. So whoever loads files of others asks here first. Walks the protobuf
// encoding of onnx.proto and looks at every field that can hold a tensor, also where a field that
// may be there once is there twice, which protobuf merges. Copies nothing (docs/adr/0011).
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include <npu/result.hpp>

namespace npu::onnx {

// model: the file; name: for messages. kUnsupported where a tensor has external data, kMalformed
// where the encoding is broken, has groups, which onnx.proto has none of, or is nested too deep.
Status refuse_external_data(std::span<const std::byte> model, std::string_view name);

}  // namespace npu::onnx
