#include "services/kit/picture_rules.hpp"

#include "base/settings.hpp"

namespace npu::kit {

void add_picture_settings(Settings& settings, PictureRules& rules) {
  settings.add(
      "input.allow_image_url", rules.allow_image_url,
      {.env = settings.variable("ALLOW_IMAGE_URL"), .help = "Fetch pictures from public URLs"});
  settings.add("input.image_url_private_hosts", rules.image_url_private_hosts,
               {.help = "Hosts in URLs whose addresses may be private"});
  settings.add("input.image_url_timeout_ms", rules.image_url_timeout_ms,
               {.help = "Longest time for fetching a picture", .min = 1, .max = 600'000});
  settings.add("input.auto_orient", rules.auto_orient,
               {.help = "Turn pictures as their EXIF orientation says"});
  settings.add("input.max_image_mb", rules.max_image_mb,
               {.env = settings.variable("MAX_IMAGE_MB"),
                .help = "Largest encoded picture in MiB",
                .min = 1,
                .max = 1024});
  settings.add("input.max_image_megapixels", rules.max_image_megapixels,
               {.help = "Largest picture in million pixels", .min = 1, .max = 1000});
  settings.add("input.max_decode_ms", rules.max_decode_ms,
               {.help = "Most processor time for decoding a picture", .min = 1, .max = 600'000});
}

}  // namespace npu::kit
