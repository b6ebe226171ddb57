// A model family: how requests of one model_type turn into device calls.
//
// The manager uses name, lane, exclusive group and plan(); only the worker loads and infers.
// Nothing here includes an inference library. A family is one folder and one line in registry.cpp.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json.hpp>

#include <npu/result.hpp>
#include <npu/tensor.hpp>

#include "base/lane.hpp"
#include "description/description.hpp"
#include "device/device.hpp"

namespace npu::families {

// One file that a load will open. The manager checks it against the model directories, resolves
// it through the catalogue and hands the worker the resolved plan.
struct PlannedFile {
  std::string role;             // "model", "image_hef_path", "recognition_hefs.en", ...
  std::string path;             // as the client gave it
  std::string missing_message;  // what to answer if it is not there: "Image HEF not found: p"
};

struct LoadPlan {
  std::vector<PlannedFile> files;  // files[0] is the model itself unless the type has no own file
  // The parameters besides files that make it another model, as they take effect. What the family
  // does not use is not in it.
  boost::json::object variant;
};

// Whose request it is.
struct Asker {
  std::uint64_t client = 0;  // a connection; none is ever numbered again. 0: nobody's
  std::uint32_t user = 0;
};

// Tensors of a request, found by their place in the JSON.
class InferInput {
 public:
  virtual ~InferInput() = default;
  virtual const boost::json::object& fields() const = 0;
  // Resolves a tensor object inside fields(). The view lives as long as the request.
  virtual Result<TensorView> tensor(const boost::json::value& value) const = 0;
  virtual Asker asker() const { return {}; }
};

// Where results go.
class InferOutput {
 public:
  virtual ~InferOutput() = default;
  struct Place {
    boost::json::object tensor;      // to be put into the result
    device::MutableTensorView view;  // to be written before infer() returns
  };
  // kTooLarge where the client named a place for the result and it has no more room.
  virtual Result<Place> allocate(DType dtype, const Shape& shape) = 0;
  // Sends an event frame if the request streams, else does nothing. After the first event the
  // request is never repeated.
  virtual void event(boost::json::object event) = 0;
};

// A loaded model of a family.
class FamilyModel {
 public:
  virtual ~FamilyModel() = default;
  // Extra fields for the load reply ({} for most; ocr, depth and pose have model_info).
  virtual boost::json::object load_info() const { return {}; }
  // Errors become "Inference failed: <message>".
  virtual Result<boost::json::value> infer(const InferInput& input, InferOutput& output,
                                           device::RunContext& context) = 0;
  // The client is gone: what is kept for it is dropped.
  virtual void forget(std::uint64_t /*client*/) {}
};

inline constexpr std::size_t kDefaultContextBytes = std::size_t{256} << 20;

struct LoadRequest {
  std::string path;            // as the client gave it: names the model
  boost::json::object params;  // model_params
  // files of the plan, same order, paths resolved; fd only where a client passed the open file.
  std::vector<device::ModelFile> files;
  // What somebody said of each of the files; fewer: nothing of the others.
  std::vector<ModelDescription> descriptions{};
  ModelDescription said_of(std::size_t file) const {
    return file < descriptions.size() ? descriptions[file] : ModelDescription();
  }
  // What a generative model may keep of conversations.
  std::size_t context_bytes = kDefaultContextBytes;
};

class Family {
 public:
  virtual ~Family() = default;
  // Which files a load with these parameters opens. Checks params; errors become
  // "Failed to load model: <message>". No I/O.
  virtual Result<LoadPlan> plan(const std::string& path,
                                const boost::json::object& params) const = 0;
  virtual Result<std::unique_ptr<FamilyModel>> load(device::Device& device,
                                                    const LoadRequest& request,
                                                    device::RunContext& context) const = 0;
};

// One row of the registry.
struct FamilyEntry {
  std::string_view type;  // model_type on the wire
  Lane lane = Lane::kVision;
  std::string_view exclusive_group;  // "kv": at most one model of the group is resident; "" none
  bool own_file = true;              // false: model_path only names the model (clip)
  std::unique_ptr<Family> (*make)() = nullptr;
};

// A family of this build, from registry.cpp; nullptr for an unknown type.
const FamilyEntry* find_family(std::string_view type);

}  // namespace npu::families
