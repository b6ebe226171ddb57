// How the tensors of a network travel between its callers and the chip.
//
//   inputs    A picture goes as its bytes: what else the network needs was compiled into it. Other
//             quantised inputs are float32 for the caller and are quantised here.
//   outputs   float32 for the caller. Quantised ones are fetched as they are and become float32
//             here, because the chip would do it on its CPU and send twice or four times the bytes.
//             With a scale for each feature, as newer compilers give them, it is the same.
//             Lists of boxes become tables (nms.hpp), the masks with them an output "<name>/masks".
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include <npu/result.hpp>
#include <npu/tensor.hpp>

#include "device/device.hpp"
#include "device/hailort/sdk.hpp"
#include "device/hailort/vision/nms.hpp"
#include "device/hailort/vision/quantisation.hpp"

namespace npu::device::hailort {

enum class Conversion {
  kNone,       // the same bytes
  kQuantised,  // float32 for the caller
  kBoxes,      // outputs only
};

struct Port {
  std::string name;            // of the stream
  std::size_t wire_bytes = 0;  // of one frame, as the chip takes or gives it
  DType wire_type = DType::kUint8;
  Conversion conversion = Conversion::kNone;
  Quantisations quantisation;
  NmsLayout nms;
  // Index of the caller's tensor; with masks the next one is theirs. None: the caller did not ask
  // for this output.
  int tensor = -1;
};

// Frame `index` of as many, one behind the other.
template <class Byte>
std::span<Byte> frame_of(std::span<Byte> all, std::size_t frames, int index) {
  const std::size_t bytes = all.size() / frames;
  return all.subspan(bytes * static_cast<std::size_t>(index), bytes);
}

struct TensorPorts {
  int batch = 1;
  std::vector<Port> inputs;
  std::vector<Port> outputs;
  // For the caller. A batch over 1 is the first dimension.
  std::vector<TensorSpec> input_specs;
  std::vector<TensorSpec> output_specs;
};

// Sets the formats of the network, which is not configured yet. options.output_layer, where there
// is more than one output, picks one by its name with or without the network's before it;
// kInvalidArgument lists them where it is none.
Result<TensorPorts> choose_ports(sdk::InferModel& network, const TensorOptions& options);

// The network group to load: options.input_layer is its name, or that of one of its inputs.
// kInvalidArgument lists the groups where there are several and it is neither.
Result<std::string> choose_group(const sdk::Hef& hef, const TensorOptions& options);

}  // namespace npu::device::hailort
