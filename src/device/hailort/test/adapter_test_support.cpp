#include "device/hailort/test/adapter_test_support.hpp"

#include <cstdlib>
#include <cstring>
#include <fstream>

namespace npu::device::hailort {
namespace {

constexpr const char* kProfile = R"(
name: test
architecture: HAILO10H
firmware: 5.2.0
memory_mb: 1000
group_release: true
temperature_celsius: 48.5
)";

Tensor memory_for(const TensorSpec& spec) {
  return {spec.dtype, spec.shape,
          std::vector<std::byte>(byte_size(spec.dtype, spec.shape).value())};
}

}  // namespace

Tensors::Tensors(const TensorModel& model) {
  for (const auto& spec : model.inputs()) in.push_back(memory_for(spec));
  for (const auto& spec : model.outputs()) out.push_back(memory_for(spec));
}

void Tensors::fill(std::uint8_t seed) {
  for (auto& tensor : in) {
    for (std::size_t i = 0; i < tensor.data.size(); ++i) {
      tensor.data[i] = static_cast<std::byte>(seed + i * 7);
    }
  }
}

std::vector<TensorView> Tensors::inputs() const {
  std::vector<TensorView> views;
  views.reserve(in.size());
  for (const auto& tensor : in) views.push_back(tensor.view());
  return views;
}

std::vector<MutableTensorView> Tensors::outputs() {
  std::vector<MutableTensorView> views;
  views.reserve(out.size());
  for (auto& tensor : out) views.push_back({tensor.dtype, tensor.shape, tensor.data});
  return views;
}

std::vector<float> Tensors::floats(std::size_t output) const {
  const auto& data = out.at(output).data;
  std::vector<float> values(data.size() / sizeof(float));
  std::memcpy(values.data(), data.data(), data.size());
  return values;
}

AdapterTest::AdapterTest() : own_dir_(std::make_unique<fakes::TempDir>()), dir_(*own_dir_) {
  describe_chip();
}

AdapterTest::AdapterTest(const fakes::TempDir& folder) : dir_(folder) { describe_chip(); }

void AdapterTest::describe_chip() {
  profile(kProfile);
  faults("");
  environment("HAILO_FAKE_PROFILE", dir_.path("profile.yaml"));
  environment("HAILO_SIM_FAULTS", dir_.path("faults.yaml"));
  environment("HAILO_SIM_STATE", dir_.path("state"));
  environment("HAILO_FAKE_TIME_SCALE", "0.05");
  environment("HAILO_SYSFS_ROOT", dir_.path("sys"));
  environment("HAILO_PROC_ROOT", dir_.path("proc"));
  environment("HAILO_DEV_ROOT", dir_.path("dev"));
}

AdapterTest::~AdapterTest() {
  device_.reset();
  for (const auto& name : variables_) ::unsetenv(name.c_str());
}

void AdapterTest::environment(const std::string& name, const std::string& value) {
  ::setenv(name.c_str(), value.c_str(), 1);
  variables_.push_back(name);
}

void AdapterTest::profile(const std::string& yaml) { dir_.file("profile.yaml", yaml); }

void AdapterTest::faults(const std::string& yaml) {
  static int last = 0;
  std::string text = "faults:\n";
  if (yaml.empty()) text = "faults: []\n";
  for (std::size_t at = 0; at < yaml.size();) {
    const std::size_t end = std::min(yaml.find('\n', at), yaml.size());
    const std::string fault = yaml.substr(at, end - at);
    // A fault that always happens needs no count of its own, of which there are not many.
    const bool counts = fault.find("times: 0") == fault.npos;
    text += "  - {" + fault + (counts ? ", id: f" + std::to_string(++last) : "") + "}\n";
    at = end + 1;
  }
  dir_.file("faults.tmp", text);
  std::filesystem::rename(dir_.path("faults.tmp"), dir_.path("faults.yaml"));
}

Result<std::unique_ptr<Device>> AdapterTest::try_open(const OpenOptions& options) {
  OpenOptions with_adapter = options;
  if (with_adapter.adapter_dir.empty()) with_adapter.adapter_dir = NPU_HAILORT_FAKE_DIR;
  return open_hailort(with_adapter);
}

Device& AdapterTest::device() {
  if (!device_) open({});
  return *device_;
}

void AdapterTest::open(const OpenOptions& options) {
  auto opened = try_open(options);
  if (!opened) throw std::runtime_error(opened.error().message);
  device_ = std::move(*opened);
}

void AdapterTest::write(const std::string& file, const std::string& text) const {
  std::filesystem::create_directories(std::filesystem::path(dir_.path(file)).parent_path());
  dir_.file(file, text);
}

ModelFile AdapterTest::hef(const std::string& name, const std::string& body) {
  return {dir_.file(name + ".hef", fakes::hef(body)), -1};
}

Result<std::unique_ptr<TensorModel>> AdapterTest::try_load(const std::string& name,
                                                           const std::string& body,
                                                           const TensorOptions& options) {
  return device().load_tensor(hef(name, body), options, context_);
}

std::unique_ptr<TensorModel> AdapterTest::load(const std::string& name, const std::string& body,
                                               const TensorOptions& options) {
  auto model = try_load(name, body, options);
  if (!model) throw std::runtime_error(model.error().message);
  return std::move(*model);
}

void AdapterTest::leave_behind(std::unique_ptr<TensorModel> model) {
  static auto& kept = *new std::vector<std::unique_ptr<TensorModel>>;
  kept.push_back(std::move(model));
}

void AdapterTest::leave_device_behind() {
  static auto& kept = *new std::vector<std::unique_ptr<Device>>;
  kept.push_back(std::move(device_));
}

int AdapterTest::expected(const std::string& model, const std::vector<Tensor>& inputs, int output) {
  std::uint64_t sum = 0xcbf29ce484222325;
  const auto add = [&](std::uint8_t byte) { sum = (sum ^ byte) * 0x100000001b3; };
  for (const char c : model) add(static_cast<std::uint8_t>(c));
  for (const auto& input : inputs) {
    if (input.data.size() > 512) throw std::logic_error("a sum of a small input only");
    for (const std::byte byte : input.data) add(std::to_integer<std::uint8_t>(byte));
  }
  return static_cast<int>((sum + 977 * static_cast<std::uint64_t>(output)) % 1000);
}

}  // namespace npu::device::hailort
