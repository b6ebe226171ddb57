// The network that knows faces again, as hailo-face uses it: loaded when it is asked for, so that
// faces are found where there is none.
//
// Used on the event loop.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "http/request.hpp"
#include "http/work_pool.hpp"
#include "media/image.hpp"
#include "services/kit/model_rules.hpp"
#include "services/kit/model_set.hpp"

namespace npu::face {

using http::awaitable;

struct RecogniserRules {
  kit::ModelRules model{.type = "face", .name = "arcface_mobilefacenet"};
  double threshold = 0;     // cosine above which two faces are one person; 0: known_threshold()
  bool demo_model = false;  // face-tiny may be used
};

// Ours: it has learned drawn faces and knows no real person.
inline constexpr std::string_view kDemoModel = "face-tiny";

// Of the cosine, for a model: where it is published, that from which on it is right most often on
// Labeled Faces in the Wild, else 0.5, which is the Python project's.
double known_threshold(std::string_view model);

class Recogniser {
 public:
  // models: of one, rules.model. The references must outlive it.
  Recogniser(const RecogniserRules& rules, kit::ModelSet& models)
      : rules_(rules), models_(models) {}

  // Whose embeddings these are; two of different names are never compared.
  const std::string& model() const { return rules_.model.name; }
  double threshold() const;
  bool loaded() const { return !models_.loaded().empty(); }
  // kUnavailable where the model is the demonstration's and that is not wanted: what to do.
  Status allowed() const;

  // The embedding of each, of length 1. faces: kAlignedSide x kAlignedSide, RGB. Fails as allowed()
  // does, or as the model's load or inference, in words for the client.
  awaitable<Result<std::vector<std::vector<float>>>> embed(const http::Request& request,
                                                           std::span<const media::Image> faces);

 private:
  const RecogniserRules& rules_;
  kit::ModelSet& models_;
};

}  // namespace npu::face
