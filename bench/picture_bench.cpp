// What does a picture cost from the request to its answer, without the network? Processor time of
// hailo-detect, hailo-pose and hailo-segment, HTTP and the manager's socket included, against the
// same written plainly with PIL and numpy in one process that has the picture and the network's
// outputs at hand (picture_rival.py); both must answer the same. Beside it, for one client at a
// time, the time on the wall less that of the manager and its chip.
#include <algorithm>
#include <array>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "bench_client.hpp"
#include "picture_scene.hpp"
#include "rival.hpp"
#include "run.hpp"
#include "same_answer.hpp"
#include "samples.hpp"
#include "service_process.hpp"

namespace npu::bench {
namespace {

namespace bj = boost::json;

constexpr const char* kFormat = "multipart/form-data; boundary=limit";
constexpr const char* kRival = "picture_rival.py";
constexpr double kGoal = 1.5;
constexpr std::array kPictures{"1280x720", "4000x3000"};

struct Kind {
  const char* program;
  const char* model;  // of picture_profile()
  const char* type;
  const char* path;
  std::vector<std::pair<const char*, const char*>> fields;  // so that both do the same
};

std::vector<Kind> kinds() {
  return {{"hailo-detect", "detector", "detect", "/v1/detect", {{"threshold", "0.4"}}},
          {"hailo-pose",
           "pose",
           "pose",
           "/v1/pose/detect",
           {{"confidence_threshold", "0.4"}, {"max_detections", "100"}}},
          {"hailo-segment",
           "segmenter",
           "segment",
           "/v1/segment",
           {{"threshold", "0.4"}, {"iou_threshold", "0.45"}, {"mask_format", "counts"}}}};
}

std::string read_file(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

std::string form_of(const Kind& kind, const std::string& picture) {
  const std::string part = "--limit\r\nContent-Disposition: form-data; name=";
  std::string form;
  for (const auto& [name, value] : kind.fields) {
    form += fmt::format("{}{}\r\n\r\n{}\r\n", part, name, value);
  }
  return form + part + "image; filename=a.jpg\r\nContent-Type: image/jpeg\r\n\r\n" + picture +
         "\r\n--limit--\r\n";
}

std::size_t things_in(const bj::value& answer) {
  const bj::value& list = answer.is_array() ? answer : answer.at("poses");
  return list.as_array().size();
}

// A picture for a service, and what came of it.
struct Errand {
  std::string form;
  Samples processor;
  Samples wall;
  std::string answer;
};

class Subject {
 public:
  Subject(Kind kind, const ManagerProcess& manager, const std::filesystem::path& pictures)
      : kind_(std::move(kind)),
        model_path_(manager.model(kind_.model)),
        service_(kind_.program, manager.socket_path(), model_path_) {
    for (std::size_t i = 0; i < kPictures.size(); ++i) {
      errands_[i].form = form_of(kind_, read_file(pictures / (std::string(kPictures[i]) + ".jpg")));
    }
  }

  // The pictures in turns.
  void measure(int rounds) {
    HttpClient client(service_.port());
    for (int i = 0; i < rounds; ++i) {
      for (Errand& errand : errands_) run(errand, client);
    }
  }

  // Asks the manager itself. The network's outputs, in `folder`, as the rival finds them.
  bj::object ask_device(const ManagerProcess& manager, const std::filesystem::path& folder,
                        int rounds) {
    const ModelRef model{.path = model_path_, .type = kind_.type};
    auto client = client_of(manager, "bench");
    const auto loaded = client.load_model(model);
    if (!loaded) give_up(loaded.error().message);
    auto input = client.allocate(DType::kUint8, loaded->input_shape);
    bj::object scene;
    for (int i = 0; i < rounds; ++i) {
      const auto begin = Clock::now();
      const auto result = client.infer(model, InferInput().tensor("input", *input));
      device_.add(Clock::now() - begin);
      if (!result) give_up(result.error().message);
      if (i == 0) scene = {{"service", kind_.program}, {"tensors", write(*result, folder)}};
    }
    return scene;
  }

  const char* program() const { return kind_.program; }
  const Errand& errand(std::size_t picture) const { return errands_.at(picture); }
  double device() const { return device_.median(); }

 private:
  void run(Errand& errand, HttpClient& client) {
    const auto before = service_.child().cpu_time();
    const auto begin = Clock::now();
    const unsigned status = client.post(kind_.path, kFormat, errand.form);
    errand.wall.add(Clock::now() - begin);
    if (status != 200) give_up(fmt::format("{}: {} {}", kind_.program, status, client.body()));
    errand.answer = client.body();
    // What it clears away after an answer counts too; it has when it answers again.
    if (client.get("/health") != 200) give_up(fmt::format("{} is not healthy", kind_.program));
    errand.processor.add(service_.child().cpu_time() - before);
  }

  bj::array write(const InferResult& result, const std::filesystem::path& folder) const {
    bj::array tensors;
    for (const auto& output : result.value.as_object()) {
      const auto tensor = result.tensor(output.key());
      if (!tensor) give_up(tensor.error().message);
      const std::string file = fmt::format("{}-{}.f32", kind_.model, tensors.size());
      write_floats(folder / file, tensor->as<float>());
      const Shape& shape = tensor->shape();
      tensors.push_back({{"file", file}, {"shape", bj::array(shape.begin(), shape.end())}});
    }
    return tensors;
  }

  Kind kind_;
  std::string model_path_;
  ServiceProcess service_;
  std::array<Errand, kPictures.size()> errands_;
  Samples device_;
};

bool print_row(const Subject& subject, std::size_t picture, const bj::value& rival) {
  const Errand& errand = subject.errand(picture);
  const double ours = errand.processor.median();
  const double plain = rival.at("plain").to_number<double>();
  const double draft = rival.at("draft").to_number<double>();
  fmt::print("{:<14} {:<10} {:>9.1f} {:>9.1f} {:>9.1f} {:>8.1f} {:>8.1f} {:>9.1f}\n",
             subject.program(), kPictures.at(picture), plain, draft, ours, plain / ours,
             draft / ours, errand.wall.median() - subject.device());
  return plain >= kGoal * ours;
}

int run(Run run) {
  const int rounds = run.pick(40, 2);
  const Scratch scratch;
  const auto& folder = scratch.path();
  std::vector<std::string> make{"make", folder.string()};
  make.insert(make.end(), kPictures.begin(), kPictures.end());
  run_rival(kRival, make);
  std::ofstream(folder / "chip.yaml") << picture_profile();
  const ManagerProcess manager(folder / "chip.yaml");
  std::vector<std::unique_ptr<Subject>> subjects;
  bj::array scenes;
  for (const Kind& kind : kinds()) {
    subjects.push_back(std::make_unique<Subject>(kind, manager, folder));
    scenes.push_back(subjects.back()->ask_device(manager, folder, rounds));
  }
  std::ofstream(folder / "scenes.json") << bj::serialize(scenes);

  for (const auto& subject : subjects) subject->measure(rounds / 2);
  std::vector<std::string> arguments{folder.string(), std::to_string(run.pick(15, 1))};
  arguments.insert(arguments.end(), kPictures.begin(), kPictures.end());
  const auto rival = run_rival(kRival, arguments);
  if (rival.size() != subjects.size() * kPictures.size()) give_up("the rival has left some out");
  for (const auto& subject : subjects) subject->measure(rounds / 2);

  fmt::print("{:<14} {:<10} {:>9} {:>9} {:>9} {:>8} {:>8} {:>9}\n", "ms of a core", "picture",
             "plain", "draft", "ours", "x plain", "x draft", "wall ms");
  bool met = true;
  bool agree = true;
  for (std::size_t i = 0; i < rival.size(); ++i) {
    const Subject& subject = *subjects[i / kPictures.size()];
    const std::size_t picture = i % kPictures.size();
    met = print_row(subject, picture, rival[i]) && met;
    const auto answer = bj::parse(subject.errand(picture).answer);
    agree =
        same_answer(answer, rival[i].at("answer")) && things_in(answer) == kPictureThings && agree;
  }
  run.goal("the same is found", agree);
  if (!agree) return 1;  // however few rounds
  run.goal(fmt::format("at least {} times as fast as PIL and numpy", kGoal), met);
  return run.exit_code();
}

}  // namespace
}  // namespace npu::bench

int main(int argc, char** argv) { return npu::bench::run({argc, argv}); }
