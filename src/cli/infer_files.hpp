// Files to the input_data of an inference, and results to files.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <npu/blocking_client.hpp>
#include <npu/client_types.hpp>

namespace npu::cli {

struct PictureSize {
  int width = 0;
  int height = 0;
};
// "640x480", both 1..16384.
Result<PictureSize> parse_size(const std::string& text);

// "name=value", the value JSON or else a text.
Result<std::pair<std::string, boost::json::value>> parse_field(const std::string& text);

struct InputArguments {
  std::string file;  // .npy, or a picture, see media/image_decode.hpp; "": none
  std::string name;  // of the field; "": what the type calls its input
  std::optional<PictureSize>
      size;  // pictures are stretched to it; absent: what the type usually takes
  std::vector<std::string> fields;  // see parse_field
};

// The input for a model of this type. Tensors are made with client.allocate.
Result<InferInput> make_input(BlockingDeviceClient& client, const std::string& type,
                              const InputArguments& arguments);

// ".npy", ".png" or ".json", of a file to write a result to.
Result<std::string> output_format(const std::string& file);

// Writes a result by the file's ending: .npy (one tensor), .png (one tensor of height x width x 1
// or 3: uint8 as it is, others stretched from minimum to maximum and coloured), .json.
Status write_result(const InferResult& result, const std::string& file,
                    const std::string& colormap);

// The result as JSON, tensors with their numbers: {"dtype", "shape", "min", "max", "mean"}.
boost::json::value summarised(const InferResult& result);

}  // namespace npu::cli
