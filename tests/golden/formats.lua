-- Reference values; see the script of the same name (its cases of npy, safetensors and idx). Made with python 3.11.7, numpy 2.4.6, safetensors 0.8.0, pillow 13.0.0.
return {versions = {
 numpy = "2.4.6",
 safetensors = "0.8.0",
 pillow = "13.0.0"
}, cases = {
{
 name = "npy/b1_c.npy",
 op = "npy",
 source = "NumPy 2.4.6",
 args = {
  file = "npy/b1_c.npy",
  bytes = 134,
  sha256 = "1a58f84d5c1d21a2ca0d1f7b6de78927b55776adec2f29fb2f2a5d7021a47eaa"
 },
 inp = {},
 out = {
  valid = true,
  reference = "accepts",
  arrays = {{
   name = "a",
   dtype = "bool",
   array = {shape = {2, 3}, dtype = "bool", data = {true, false, false, false, false, true}}
  }}
 }
},
{
 name = "npy/b1_fortran.npy",
 op = "npy",
 source = "NumPy 2.4.6",
 note = "stored column by column; the values here are row-major",
 args = {
  file = "npy/b1_fortran.npy",
  bytes = 134,
  sha256 = "a40babbf126b44caa47add6408834e72c1d847ee31de6fdc8c8e7b1d2bf6304d"
 },
 inp = {},
 out = {
  valid = true,
  reference = "accepts",
  arrays = {{
   name = "a",
   dtype = "bool",
   array = {shape = {2, 3}, dtype = "bool", data = {true, false, false, false, false, true}}
  }}
 }
},
{
 name = "npy/u1_c.npy",
 op = "npy",
 source = "NumPy 2.4.6",
 args = {
  file = "npy/u1_c.npy",
  bytes = 134,
  sha256 = "90157d9bdc983ad14453bd56676d4d9f9d2848890429db64ab3affafcdf60e3e"
 },
 inp = {},
 out = {
  valid = true,
  reference = "accepts",
  arrays = {{
   name = "a",
   dtype = "uint8",
   array = {shape = {2, 3}, dtype = "uint8", data = {0, 255, 180, 80, 104, 52}}
  }}
 }
},
{
 name = "npy/u1_fortran.npy",
 op = "npy",
 source = "NumPy 2.4.6",
 note = "stored column by column; the values here are row-major",
 args = {
  file = "npy/u1_fortran.npy",
  bytes = 134,
  sha256 = "84150bb4d54544628f529014e48891ef6b3a4a1425745a3bbf0c92747ceb7e75"
 },
 inp = {},
 out = {
  valid = true,
  reference = "accepts",
  arrays = {{
   name = "a",
   dtype = "uint8",
   array = {shape = {2, 3}, dtype = "uint8", data = {0, 255, 180, 80, 104, 52}}
  }}
 }
},
{
 name = "npy/i1_c.npy",
 op = "npy",
 source = "NumPy 2.4.6",
 args = {
  file = "npy/i1_c.npy",
  bytes = 134,
  sha256 = "48c42049fa79efa7053451fa1988dfb27462d629cadd9a1c1a3a7686339188ce"
 },
 inp = {},
 out = {
  valid = true,
  reference = "accepts",
  arrays = {{
   name = "a",
   dtype = "int8",
   array = {shape = {2, 3}, dtype = "int8", data = {-128, 127, 54, -35, -59, 44}}
  }}
 }
},
{
 name = "npy/i1_fortran.npy",
 op = "npy",
 source = "NumPy 2.4.6",
 note = "stored column by column; the values here are row-major",
 args = {
  file = "npy/i1_fortran.npy",
  bytes = 134,
  sha256 = "394f9881f0a3ab022bdd9cd0e573b1ec52d65852f9ecff4b631c14d8fe6be623"
 },
 inp = {},
 out = {
  valid = true,
  reference = "accepts",
  arrays = {{
   name = "a",
   dtype = "int8",
   array = {shape = {2, 3}, dtype = "int8", data = {-128, 127, 54, -35, -59, 44}}
  }}
 }
},
{
 name = "npy/i2_c.npy",
 op = "npy",
 source = "NumPy 2.4.6",
 args = {
  file = "npy/i2_c.npy",
  bytes = 140,
  sha256 = "cb53fa96c9d54537c1f7fd3e5a8c1403f20c38417df6122a9fdb4c0c0a94dffb"
 },
 inp = {},
 out = {
  valid = true,
  reference = "accepts",
  arrays = {{
   name = "a",
   dtype = "int16",
   array = {shape = {2, 3}, dtype = "int16", data = {-32768, 32767, -16935, -18996, 9001, 23456}}
  }}
 }
},
{
 name = "npy/i2_fortran.npy",
 op = "npy",
 source = "NumPy 2.4.6",
 note = "stored column by column; the values here are row-major",
 args = {
  file = "npy/i2_fortran.npy",
  bytes = 140,
  sha256 = "933ce29b02eb0b97f511c22965fae0a19fd4577895983aa619043bf4e5d45050"
 },
 inp = {},
 out = {
  valid = true,
  reference = "accepts",
  arrays = {{
   name = "a",
   dtype = "int16",
   array = {shape = {2, 3}, dtype = "int16", data = {-32768, 32767, -16935, -18996, 9001, 23456}}
  }}
 }
},
{
 name = "npy/i4_c.npy",
 op = "npy",
 source = "NumPy 2.4.6",
 args = {
  file = "npy/i4_c.npy",
  bytes = 152,
  sha256 = "d666330a23641ee91d2fb96ea6c883bf7bba37a3e42f73462a2dc886613248a7"
 },
 inp = {},
 out = {
  valid = true,
  reference = "accepts",
  arrays = {{
   name = "a",
   dtype = "int32",
   array = {shape = {2, 3}, dtype = "int32", data = {-2147483648, 2147483647, -2090593106, 1768463518, -1823487369, 216318472}}
  }}
 }
},
{
 name = "npy/i4_fortran.npy",
 op = "npy",
 source = "NumPy 2.4.6",
 note = "stored column by column; the values here are row-major",
 args = {
  file = "npy/i4_fortran.npy",
  bytes = 152,
  sha256 = "707cdddbe2ecc3bb866ebd32ffe84a56ca05890bcec248f32aa0aea3ef35e489"
 },
 inp = {},
 out = {
  valid = true,
  reference = "accepts",
  arrays = {{
   name = "a",
   dtype = "int32",
   array = {shape = {2, 3}, dtype = "int32", data = {-2147483648, 2147483647, -2090593106, 1768463518, -1823487369, 216318472}}
  }}
 }
},
{
 name = "npy/i8_c.npy",
 op = "npy",
 source = "NumPy 2.4.6",
 args = {
  file = "npy/i8_c.npy",
  bytes = 176,
  sha256 = "68916352e542daf0d1d61ccb2b53c767a4843f56a0861ef7b38cd45ae6a23de5"
 },
 inp = {},
 out = {
  valid = true,
  reference = "accepts",
  arrays = {{
   name = "a",
   dtype = "int64",
   array = {shape = {2, 3}, dtype = "int64", data = {-9223372036854775807, 9223372036854775807, -1634565111220990652, 3592164663118176661, -4561694244104935199, 3843459400715995034}}
  }}
 }
},
{
 name = "npy/i8_fortran.npy",
 op = "npy",
 source = "NumPy 2.4.6",
 note = "stored column by column; the values here are row-major",
 args = {
  file = "npy/i8_fortran.npy",
  bytes = 176,
  sha256 = "02ee8a8dee4cc0ae743707a5202ff9fad8bfedc30b857b12fcc658311564e33f"
 },
 inp = {},
 out = {
  valid = true,
  reference = "accepts",
  arrays = {{
   name = "a",
   dtype = "int64",
   array = {shape = {2, 3}, dtype = "int64", data = {-9223372036854775807, 9223372036854775807, -1634565111220990652, 3592164663118176661, -4561694244104935199, 3843459400715995034}}
  }}
 }
},
{
 name = "npy/f2_c.npy",
 op = "npy",
 source = "NumPy 2.4.6",
 args = {
  file = "npy/f2_c.npy",
  bytes = 140,
  sha256 = "bf0e37b21203f244d7eeff80cf9db43e8499f6eddd42d19bb1d07d1e03d79821"
 },
 inp = {},
 out = {
  valid = true,
  reference = "accepts",
  arrays = {{
   name = "a",
   dtype = "float16",
   array = {shape = {2, 3}, dtype = "float16", data = {1.1591796875, -1.2197265625, -0.449462890625, -1.357421875, -0.8134765625, 0.01445770263671875}}
  }}
 }
},
{
 name = "npy/f2_fortran.npy",
 op = "npy",
 source = "NumPy 2.4.6",
 note = "stored column by column; the values here are row-major",
 args = {
  file = "npy/f2_fortran.npy",
  bytes = 140,
  sha256 = "b0a58a9ac5baeeaaf50723ecd2db6a5c1189c6670954e8b6eed0a769f54035d8"
 },
 inp = {},
 out = {
  valid = true,
  reference = "accepts",
  arrays = {{
   name = "a",
   dtype = "float16",
   array = {shape = {2, 3}, dtype = "float16", data = {1.1591796875, -1.2197265625, -0.449462890625, -1.357421875, -0.8134765625, 0.01445770263671875}}
  }}
 }
},
{
 name = "npy/f4_c.npy",
 op = "npy",
 source = "NumPy 2.4.6",
 args = {
  file = "npy/f4_c.npy",
  bytes = 152,
  sha256 = "c02129fb80f372835f4dc426de887f57b717ad99a6954e9b69eec586cc7c62b6"
 },
 inp = {},
 out = {
  valid = true,
  reference = "accepts",
  arrays = {{
   name = "a",
   dtype = "float32",
   array = {shape = {2, 3}, dtype = "float32", data = {0.8681467771530151, -0.8781219124794006, 1.4224239587783813, -0.660611629486084, 0.8389178514480591, 1.8936036825180054}}
  }}
 }
},
{
 name = "npy/f4_fortran.npy",
 op = "npy",
 source = "NumPy 2.4.6",
 note = "stored column by column; the values here are row-major",
 args = {
  file = "npy/f4_fortran.npy",
  bytes = 152,
  sha256 = "182f5471dbbd00fb3b2540782073fcfc36f8b7e36a6fe339b65acb7c7e268376"
 },
 inp = {},
 out = {
  valid = true,
  reference = "accepts",
  arrays = {{
   name = "a",
   dtype = "float32",
   array = {shape = {2, 3}, dtype = "float32", data = {0.8681467771530151, -0.8781219124794006, 1.4224239587783813, -0.660611629486084, 0.8389178514480591, 1.8936036825180054}}
  }}
 }
},
{
 name = "npy/f8_c.npy",
 op = "npy",
 source = "NumPy 2.4.6",
 args = {
  file = "npy/f8_c.npy",
  bytes = 176,
  sha256 = "016d5f80d39943ce4d8f42ac1536cae42487351fa383c0183f0182c823a1ae08"
 },
 inp = {},
 out = {
  valid = true,
  reference = "accepts",
  arrays = {{
   name = "a",
   dtype = "float64",
   array = {shape = {2, 3}, dtype = "float64", data = {-0.2219427645722563, 1.4519149142019026, -0.07938716235039683, -0.5036958961195357, -0.23483811674183663, 0.23546551802878093}}
  }}
 }
},
{
 name = "npy/f8_fortran.npy",
 op = "npy",
 source = "NumPy 2.4.6",
 note = "stored column by column; the values here are row-major",
 args = {
  file = "npy/f8_fortran.npy",
  bytes = 176,
  sha256 = "d04beeadeb6cd3f68b3b64781f911ad39cfc509131433c5fdce8b8c0b450b102"
 },
 inp = {},
 out = {
  valid = true,
  reference = "accepts",
  arrays = {{
   name = "a",
   dtype = "float64",
   array = {shape = {2, 3}, dtype = "float64", data = {-0.2219427645722563, 1.4519149142019026, -0.07938716235039683, -0.5036958961195357, -0.23483811674183663, 0.23546551802878093}}
  }}
 }
},
{
 name = "npy/0d.npy",
 op = "npy",
 source = "NumPy 2.4.6",
 args = {
  file = "npy/0d.npy",
  bytes = 136,
  sha256 = "e48eff868547062007e00b3f58f840c1ca9ebe1d6d38b5b62a390c828efb2271"
 },
 inp = {},
 out = {
  valid = true,
  reference = "accepts",
  arrays = {{
   name = "a",
   dtype = "float64",
   array = {shape = {}, dtype = "float64", data = {2.5}}
  }}
 }
},
{
 name = "npy/0d_int.npy",
 op = "npy",
 source = "NumPy 2.4.6",
 args = {
  file = "npy/0d_int.npy",
  bytes = 136,
  sha256 = "f13199c595b6e9a20400f39b003546987b77876e9de286fdec20d656032bafe0"
 },
 inp = {},
 out = {
  valid = true,
  reference = "accepts",
  arrays = {{
   name = "a",
   dtype = "int64",
   array = {shape = {}, dtype = "int64", data = {-7}}
  }}
 }
},
{
 name = "npy/empty.npy",
 op = "npy",
 source = "NumPy 2.4.6",
 args = {
  file = "npy/empty.npy",
  bytes = 128,
  sha256 = "4e65bac20d7e3ce2d5f45a7e2a99fc25e1ca7ed28d2d729f4e598713da68639f"
 },
 inp = {},
 out = {
  valid = true,
  reference = "accepts",
  arrays = {{
   name = "a",
   dtype = "float32",
   array = {shape = {0}, dtype = "float32", data = {}}
  }}
 }
},
{
 name = "npy/empty_3d.npy",
 op = "npy",
 source = "NumPy 2.4.6",
 args = {
  file = "npy/empty_3d.npy",
  bytes = 128,
  sha256 = "79b97820edb88b82245c2939a0d773b771d6bd07aede102933efc80d65731b3b"
 },
 inp = {},
 out = {
  valid = true,
  reference = "accepts",
  arrays = {{
   name = "a",
   dtype = "float64",
   array = {shape = {2, 0, 3}, dtype = "float64", data = {}}
  }}
 }
},
{
 name = "npy/4d.npy",
 op = "npy",
 source = "NumPy 2.4.6",
 args = {
  file = "npy/4d.npy",
  bytes = 176,
  sha256 = "12ff121e7ede4f54b3362f399545a32a4e25f0740730b2f479d142b649829903"
 },
 inp = {},
 out = {
  valid = true,
  reference = "accepts",
  arrays = {{
   name = "a",
   dtype = "float32",
   array = {shape = {2, 1, 3, 2}, dtype = "float32", data = {-0.5523504018783569, 1.5131289958953857, 0.33154454827308655, 1.3916676044464111, -0.5845226645469666, -0.9037377238273621, 0.24637535214424133, -0.7953920364379883, -0.5631584525108337, 1.283390760421753, 0.5101418495178223, -1.1880993843078613}}
  }}
 }
},
{
 name = "npy/1d.npy",
 op = "npy",
 source = "NumPy 2.4.6",
 args = {
  file = "npy/1d.npy",
  bytes = 168,
  sha256 = "78e3fa43b32388771970720fdddee6933b7255134d67f8c4714ab310969a6fbc"
 },
 inp = {},
 out = {
  valid = true,
  reference = "accepts",
  arrays = {{
   name = "a",
   dtype = "float64",
   array = {shape = {5}, dtype = "float64", data = {1.563426481885517, -0.46059733377791706, 1.1350929127062634, -0.23420580293784213, -0.27964828696179506}}
  }}
 }
},
{
 name = "npy/special.npy",
 op = "npy",
 source = "NumPy 2.4.6",
 args = {
  file = "npy/special.npy",
  bytes = 176,
  sha256 = "4c2201917982d9167a44d8744fe43480bad895e609635ab0ea1133090dc844ab"
 },
 inp = {},
 out = {
  valid = true,
  reference = "accepts",
  arrays = {{
   name = "a",
   dtype = "float64",
   array = {shape = {6}, dtype = "float64", data = {1/0, -1/0, 0/0, -0.0, 5e-324, 1.7976931348623157e+308}}
  }}
 }
},
{
 name = "npy/special_f2.npy",
 op = "npy",
 source = "NumPy 2.4.6",
 args = {
  file = "npy/special_f2.npy",
  bytes = 138,
  sha256 = "d2df2ccca8ecf71ab12181bad5f560212d001636819a5644e9201eed93250287"
 },
 inp = {},
 out = {
  valid = true,
  reference = "accepts",
  arrays = {{
   name = "a",
   dtype = "float16",
   array = {shape = {5}, dtype = "float16", data = {65504.0, 5.960464477539063e-08, 1/0, -0.0, 0/0}}
  }}
 }
},
{
 name = "npy/rank8.npy",
 op = "npy",
 source = "NumPy 2.4.6",
 args = {
  file = "npy/rank8.npy",
  bytes = 160,
  sha256 = "346b983e8f530d70681b57a71242624537cc4596b399ddab3888031afa0cce26"
 },
 inp = {},
 out = {
  valid = true,
  reference = "accepts",
  arrays = {{
   name = "a",
   dtype = "float32",
   array = {shape = {1, 2, 1, 1, 2, 1, 1, 2}, dtype = "float32", data = {-1.1499286890029907, 0.09827317297458649, 0.1629897654056549, 0.4348885715007782, 0.8411761522293091, -1.7553061246871948, -0.7097800374031067, -0.1909266859292984}}
  }}
 }
},
{
 name = "npy/4d_fortran.npy",
 op = "npy",
 source = "NumPy 2.4.6",
 args = {
  file = "npy/4d_fortran.npy",
  bytes = 176,
  sha256 = "cef2ec8c78123cd172925341a68bd00fae13ce9cc76bfc6d13308abdf78aab75"
 },
 inp = {},
 out = {
  valid = true,
  reference = "accepts",
  arrays = {{
   name = "a",
   dtype = "float32",
   array = {shape = {2, 2, 3}, dtype = "float32", data = {1.7112635374069214, 0.7830432653427124, -0.29653143882751465, 0.7236167192459106, -0.9601132869720459, 0.549443244934082, 0.9215095043182373, -0.08070274442434311, 0.19899944961071014, -0.08547453582286835, -0.41304919123649597, 0.2293863594532013}}
  }}
 }
},
{
 name = "npy/version2.npy",
 op = "npy",
 source = "NumPy 2.4.6",
 note = "version 2.0: four bytes of header length",
 args = {
  file = "npy/version2.npy",
  bytes = 152,
  sha256 = "816b0bb954a7a3962b597903b06bb4309c1083fcd83d9d48a961b34881b7ade8"
 },
 inp = {},
 out = {
  valid = true,
  reference = "accepts",
  arrays = {{
   name = "a",
   dtype = "float32",
   array = {shape = {3, 2}, dtype = "float32", data = {-0.2572673261165619, -0.8980739712715149, -0.19337198138237, -0.49471694231033325, 0.3474165201187134, 0.4867447316646576}}
  }}
 }
},
{
 name = "npy/version3.npy",
 op = "npy",
 source = "NumPy 2.4.6",
 note = "version 3.0: an UTF-8 header",
 args = {
  file = "npy/version3.npy",
  bytes = 152,
  sha256 = "9292c4f4cdfb89c3ca5596269679221956ec5d81838521e68eac575955598228"
 },
 inp = {},
 out = {
  valid = true,
  reference = "accepts",
  arrays = {{
   name = "a",
   dtype = "float32",
   array = {shape = {3, 2}, dtype = "float32", data = {-0.2572673261165619, -0.8980739712715149, -0.19337198138237, -0.49471694231033325, 0.3474165201187134, 0.4867447316646576}}
  }}
 }
},
{
 name = "npy/big_endian_f4.npy",
 op = "npy",
 source = "NumPy 2.4.6",
 note = "big-endian data",
 args = {
  file = "npy/big_endian_f4.npy",
  bytes = 144,
  sha256 = "85a37a095d60b577e613c4784955245931ff9eaad80eef4b1b3a1dcb6b0b846e"
 },
 inp = {},
 out = {
  valid = true,
  reference = "accepts",
  arrays = {{
   name = "a",
   dtype = "float32",
   array = {shape = {2, 2}, dtype = "float32", data = {-1.399892807006836, 0.9363216757774353, 1.1075199842453003, 1.1750603914260864}}
  }}
 }
},
{
 name = "npy/big_endian_i2.npy",
 op = "npy",
 source = "NumPy 2.4.6",
 note = "big-endian data",
 args = {
  file = "npy/big_endian_i2.npy",
  bytes = 136,
  sha256 = "0356ebe2a400611d17234c029d35b6a8c79f95da6a9c633410ed143f7222a3ac"
 },
 inp = {},
 out = {
  valid = true,
  reference = "accepts",
  arrays = {{
   name = "a",
   dtype = "int16",
   array = {shape = {2, 2}, dtype = "int16", data = {-32768, 32767, 10160, 16659}}
  }}
 }
},
{
 name = "npy/big_endian_f8.npy",
 op = "npy",
 source = "NumPy 2.4.6",
 note = "big-endian data",
 args = {
  file = "npy/big_endian_f8.npy",
  bytes = 160,
  sha256 = "a41679de0dd3d09030b14456da1d4da2ed7a42527c1a14b10925eee77665c0cb"
 },
 inp = {},
 out = {
  valid = true,
  reference = "accepts",
  arrays = {{
   name = "a",
   dtype = "float64",
   array = {shape = {2, 2}, dtype = "float64", data = {0.8723067166698684, 0.39158040898577123, 0.8458292324083867, -0.6075668413733034}}
  }}
 }
},
{
 name = "npy/other_u2.npy",
 op = "npy",
 source = "NumPy 2.4.6",
 args = {
  file = "npy/other_u2.npy",
  bytes = 134,
  sha256 = "470c3d5217b84b47c8a6c0a8780029fa7ebc513fa8cc4de7ff97f991a002177f"
 },
 inp = {},
 out = {
  valid = true,
  reference = "accepts",
  arrays = {{
   name = "a",
   dtype = "uint16",
   array = {shape = {3}, dtype = "uint16", data = {1, 2, 65535}}
  }},
  may_refuse = true
 }
},
{
 name = "npy/other_u4.npy",
 op = "npy",
 source = "NumPy 2.4.6",
 args = {
  file = "npy/other_u4.npy",
  bytes = 140,
  sha256 = "3fd8e668110dae35a611fad89f7702b00616598196da98a0c8c07e4b9e3e98e1"
 },
 inp = {},
 out = {
  valid = true,
  reference = "accepts",
  arrays = {{
   name = "a",
   dtype = "uint32",
   array = {shape = {3}, dtype = "uint32", data = {1, 2, 65535}}
  }},
  may_refuse = true
 }
},
{
 name = "npy/other_c8.npy",
 op = "npy",
 source = "NumPy 2.4.6",
 args = {
  file = "npy/other_c8.npy",
  bytes = 136,
  sha256 = "e552bb33d891dd2643fb0c8963728817d0bda40a6881998611558eb6b09a5eb3"
 },
 inp = {},
 out = {
  valid = true,
  reference = "accepts",
  may_refuse = true
 }
},
{
 name = "npy/header_padded_to_16.npy",
 op = "npy",
 source = "bytes put together by hand after the format's description",
 note = "as NumPy before 1.14 wrote it",
 args = {
  file = "npy/header_padded_to_16.npy",
  bytes = 104,
  sha256 = "bda924ba3295e55d4e087506efbf8731e1df0aa184fbf164049797a19a91ec05"
 },
 inp = {},
 out = {
  valid = true,
  reference = "accepts",
  arrays = {{
   name = "a",
   dtype = "float32",
   array = {shape = {3, 2}, dtype = "float32", data = {-0.2572673261165619, -0.8980739712715149, -0.19337198138237, -0.49471694231033325, 0.3474165201187134, 0.4867447316646576}}
  }}
 }
},
{
 name = "npy/header_other_order.npy",
 op = "npy",
 source = "bytes put together by hand after the format's description",
 note = "a reader must not depend on the order of the keys",
 args = {
  file = "npy/header_other_order.npy",
  bytes = 152,
  sha256 = "07d4bcdf0201a05a04a41cc72ae79d5714bb976ae970f60e4bed68925acbd255"
 },
 inp = {},
 out = {
  valid = true,
  reference = "accepts",
  arrays = {{
   name = "a",
   dtype = "float32",
   array = {shape = {3, 2}, dtype = "float32", data = {-0.2572673261165619, -0.8980739712715149, -0.19337198138237, -0.49471694231033325, 0.3474165201187134, 0.4867447316646576}}
  }}
 }
},
{
 name = "npy/header_no_padding.npy",
 op = "npy",
 source = "bytes put together by hand after the format's description",
 args = {
  file = "npy/header_no_padding.npy",
  bytes = 94,
  sha256 = "70f6b0bcf129667a1d9090d3a6fe2a1d0d985e67cbdf737a51308b8d67edb302"
 },
 inp = {},
 out = {
  valid = true,
  reference = "accepts",
  arrays = {{
   name = "a",
   dtype = "float32",
   array = {shape = {3, 2}, dtype = "float32", data = {-0.2572673261165619, -0.8980739712715149, -0.19337198138237, -0.49471694231033325, 0.3474165201187134, 0.4867447316646576}}
  }}
 }
},
{
 name = "npy/header_python2_longs.npy",
 op = "npy",
 source = "bytes put together by hand after the format's description",
 args = {
  file = "npy/header_python2_longs.npy",
  bytes = 152,
  sha256 = "f628171626d624f09c518a4f08ddc86d26fb22c6a876607df48293500173539f"
 },
 inp = {},
 out = {
  valid = true,
  reference = "accepts",
  arrays = {{
   name = "a",
   dtype = "float32",
   array = {shape = {3, 2}, dtype = "float32", data = {-0.2572673261165619, -0.8980739712715149, -0.19337198138237, -0.49471694231033325, 0.3474165201187134, 0.4867447316646576}}
  }},
  may_refuse = true
 }
},
{
 name = "npy/bad_magic.npy",
 op = "npy",
 source = "bytes put together by hand after the format's description",
 args = {
  file = "npy/bad_magic.npy",
  bytes = 152,
  sha256 = "344f0ba551e1d5ff7d0678a78dd2d81cea2d369af781c9bdc72c0a9460037fc0"
 },
 inp = {},
 out = {
  valid = false,
  reference = "ValueError",
  reason = "bad magic"
 }
},
{
 name = "npy/bad_empty.npy",
 op = "npy",
 source = "bytes put together by hand after the format's description",
 args = {
  file = "npy/bad_empty.npy",
  bytes = 0,
  sha256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
 },
 inp = {},
 out = {
  valid = false,
  reference = "EOFError",
  reason = "empty file"
 }
},
{
 name = "npy/bad_only_magic.npy",
 op = "npy",
 source = "bytes put together by hand after the format's description",
 args = {
  file = "npy/bad_only_magic.npy",
  bytes = 6,
  sha256 = "7577003ffecd3390f4bbf8c6afa9f5c8fd25719b49a9bfb2261a3c05e54c4780"
 },
 inp = {},
 out = {
  valid = false,
  reference = "ValueError",
  reason = "truncated before the version"
 }
},
{
 name = "npy/bad_cut_header.npy",
 op = "npy",
 source = "bytes put together by hand after the format's description",
 args = {
  file = "npy/bad_cut_header.npy",
  bytes = 40,
  sha256 = "ec172ff999f180eba81d8049538b9c23e76340e063b6a4fa643c141257ca14f2"
 },
 inp = {},
 out = {
  valid = false,
  reference = "ValueError",
  reason = "truncated header"
 }
},
{
 name = "npy/bad_cut_data.npy",
 op = "npy",
 source = "bytes put together by hand after the format's description",
 args = {
  file = "npy/bad_cut_data.npy",
  bytes = 143,
  sha256 = "07a2785563dc44fdcbb7b0e6a5550407a2917223b9ad8f022b0e5ece0c5a4e9b"
 },
 inp = {},
 out = {
  valid = false,
  reference = "ValueError",
  reason = "truncated data"
 }
},
{
 name = "npy/bad_no_data.npy",
 op = "npy",
 source = "bytes put together by hand after the format's description",
 args = {
  file = "npy/bad_no_data.npy",
  bytes = 128,
  sha256 = "7b972544f52ec20b87c91096802b117cb4701be1f81fed47f3dc9362888ec946"
 },
 inp = {},
 out = {
  valid = false,
  reference = "ValueError",
  reason = "data missing"
 }
},
{
 name = "npy/bad_trailing.npy",
 op = "npy",
 source = "bytes put together by hand after the format's description",
 args = {
  file = "npy/bad_trailing.npy",
  bytes = 155,
  sha256 = "e5ca854f8d28bb7fe7afed235a53710d236323774d78ff682f134c9a7ea0c9a7"
 },
 inp = {},
 out = {
  valid = false,
  reference = "accepts",
  reason = "trailing bytes"
 }
},
{
 name = "npy/bad_version4.npy",
 op = "npy",
 source = "bytes put together by hand after the format's description",
 args = {
  file = "npy/bad_version4.npy",
  bytes = 152,
  sha256 = "ca3177c27fccd848576f11c23e1b16e8cbdeb20bd1039c0017395707c45c11a8"
 },
 inp = {},
 out = {
  valid = false,
  reference = "ValueError",
  reason = "unknown version"
 }
},
{
 name = "npy/bad_header_longer_than_file.npy",
 op = "npy",
 source = "bytes put together by hand after the format's description",
 args = {
  file = "npy/bad_header_longer_than_file.npy",
  bytes = 152,
  sha256 = "133dd073be65e767559d0d42fd5f05d2289c63040372c9e07783cf25e09e1c6c"
 },
 inp = {},
 out = {
  valid = false,
  reference = "ValueError",
  reason = "header length past the end of the file"
 }
},
{
 name = "npy/bad_header_4GiB.npy",
 op = "npy",
 source = "bytes put together by hand after the format's description",
 args = {
  file = "npy/bad_header_4GiB.npy",
  bytes = 72,
  sha256 = "ce918e41b09f8dc16ee3cedd2001ba3d3c6a8f9c0138ea12239acda3b6177e3f"
 },
 inp = {},
 out = {
  valid = false,
  reference = "ValueError",
  reason = "header length past the end of the file"
 }
},
{
 name = "npy/bad_header_zero.npy",
 op = "npy",
 source = "bytes put together by hand after the format's description",
 args = {
  file = "npy/bad_header_zero.npy",
  bytes = 34,
  sha256 = "5de68b5b5cd837aaf14c875f240bae10e5f56ffd020246bcd665e0b68fb05acc"
 },
 inp = {},
 out = {
  valid = false,
  reference = "ValueError",
  reason = "empty header"
 }
},
{
 name = "npy/bad_header_list.npy",
 op = "npy",
 source = "bytes put together by hand after the format's description",
 args = {
  file = "npy/bad_header_list.npy",
  bytes = 88,
  sha256 = "6058853d657d893d5461c2d6c57be564c1b9fda16c823f73a7f59c03191b684b"
 },
 inp = {},
 out = {
  valid = false,
  reference = "ValueError",
  reason = "header is not a dictionary"
 }
},
{
 name = "npy/bad_header_garbage.npy",
 op = "npy",
 source = "bytes put together by hand after the format's description",
 args = {
  file = "npy/bad_header_garbage.npy",
  bytes = 88,
  sha256 = "81b0f124a242036d9e14d9afea9341edd33687c64e645ef6f836e7123968831f"
 },
 inp = {},
 out = {
  valid = false,
  reference = "TokenError",
  reason = "header does not parse"
 }
},
{
 name = "npy/bad_header_code.npy",
 op = "npy",
 source = "bytes put together by hand after the format's description",
 args = {
  file = "npy/bad_header_code.npy",
  bytes = 152,
  sha256 = "2bd83bf31abcc7b287082839b828a1e30da4436dcf9569577ae8729937374b23"
 },
 inp = {},
 out = {
  valid = false,
  reference = "ValueError",
  reason = "header is not a literal: it must never be evaluated"
 }
},
{
 name = "npy/bad_key_missing.npy",
 op = "npy",
 source = "bytes put together by hand after the format's description",
 args = {
  file = "npy/bad_key_missing.npy",
  bytes = 88,
  sha256 = "f75046804a785b632112ea2aa9da48e2762c555791349295453d33f670e3671e"
 },
 inp = {},
 out = {
  valid = false,
  reference = "ValueError",
  reason = "fortran_order missing"
 }
},
{
 name = "npy/bad_key_extra.npy",
 op = "npy",
 source = "bytes put together by hand after the format's description",
 args = {
  file = "npy/bad_key_extra.npy",
  bytes = 152,
  sha256 = "77d201de5fb6a76241dc69407a694d1ec411dcd4f267466c246d5a0ee843a80b"
 },
 inp = {},
 out = {
  valid = false,
  reference = "ValueError",
  reason = "unknown key"
 }
},
{
 name = "npy/bad_key_twice.npy",
 op = "npy",
 source = "bytes put together by hand after the format's description",
 args = {
  file = "npy/bad_key_twice.npy",
  bytes = 152,
  sha256 = "b5801778373d10956df430f0278521eba2ce731d0f6217e6728ec58acd7a0245"
 },
 inp = {},
 out = {
  valid = false,
  reference = "accepts",
  reason = "key given twice"
 }
},
{
 name = "npy/bad_order_not_bool.npy",
 op = "npy",
 source = "bytes put together by hand after the format's description",
 args = {
  file = "npy/bad_order_not_bool.npy",
  bytes = 152,
  sha256 = "2e59ba7a7912ded1be42bf3f7fc599fd83cac2d090ab838dbe09524538aeced7"
 },
 inp = {},
 out = {
  valid = false,
  reference = "ValueError",
  reason = "fortran_order is not a bool"
 }
},
{
 name = "npy/bad_shape_int.npy",
 op = "npy",
 source = "bytes put together by hand after the format's description",
 args = {
  file = "npy/bad_shape_int.npy",
  bytes = 152,
  sha256 = "184f5083a04a4adf7ac084d374ef46547a1288bb4ee9e8aa78eefce7901cdc1e"
 },
 inp = {},
 out = {
  valid = false,
  reference = "ValueError",
  reason = "shape is not a tuple"
 }
},
{
 name = "npy/bad_shape_negative.npy",
 op = "npy",
 source = "bytes put together by hand after the format's description",
 args = {
  file = "npy/bad_shape_negative.npy",
  bytes = 152,
  sha256 = "a6a88d85e2dc2b302eb8f7733722d7363fa78f81ec62699cb6037a3b6d274c6d"
 },
 inp = {},
 out = {
  valid = false,
  reference = "ValueError",
  reason = "negative size"
 }
},
{
 name = "npy/bad_shape_float.npy",
 op = "npy",
 source = "bytes put together by hand after the format's description",
 args = {
  file = "npy/bad_shape_float.npy",
  bytes = 152,
  sha256 = "0102829ae6f8c91333e23def0536d039fa1d002fb9a9790281529eb1618581e4"
 },
 inp = {},
 out = {
  valid = false,
  reference = "ValueError",
  reason = "size is not an integer"
 }
},
{
 name = "npy/bad_shape_too_large.npy",
 op = "npy",
 source = "bytes put together by hand after the format's description",
 args = {
  file = "npy/bad_shape_too_large.npy",
  bytes = 152,
  sha256 = "69a2ba13dba83624f0be66a3ca7b8c11b745f4f6c84b7fc584f60bb5e584526a"
 },
 inp = {},
 out = {
  valid = false,
  reference = "ValueError",
  reason = "header promises more data than the file has"
 }
},
{
 name = "npy/bad_shape_overflow.npy",
 op = "npy",
 source = "bytes put together by hand after the format's description",
 args = {
  file = "npy/bad_shape_overflow.npy",
  bytes = 152,
  sha256 = "50ec06a9b80e4059332596c1bff851df838f7131b0e1540f02e1a68136638a1e"
 },
 inp = {},
 out = {
  valid = false,
  reference = "ValueError",
  reason = "product of sizes overflows 64 bits"
 }
},
{
 name = "npy/bad_shape_overflow_to_small.npy",
 op = "npy",
 source = "bytes put together by hand after the format's description",
 args = {
  file = "npy/bad_shape_overflow_to_small.npy",
  bytes = 152,
  sha256 = "70d12c9aa62b06297ec86f6345334f9caa2f02a9ab7cfc2147c22f49e119277d"
 },
 inp = {},
 out = {
  valid = false,
  reference = "ValueError",
  reason = "size beyond 63 bits"
 }
},
{
 name = "npy/bad_shape_huge_times_zero.npy",
 op = "npy",
 source = "bytes put together by hand after the format's description",
 args = {
  file = "npy/bad_shape_huge_times_zero.npy",
  bytes = 128,
  sha256 = "2eeb50503faecf28ffd4bbf4459440200ff0c31edc2bb225896b450762ecb5fb"
 },
 inp = {},
 out = {
  valid = false,
  reference = "ValueError",
  reason = "sizes overflow although the product is 0"
 }
},
{
 name = "npy/bad_object.npy",
 op = "npy",
 source = "bytes put together by hand after the format's description",
 args = {
  file = "npy/bad_object.npy",
  bytes = 287,
  sha256 = "ffb7696275bfdba4b68fdac9a00978dcc359fced79b009739fe153baf2e7c65a"
 },
 inp = {},
 out = {
  valid = false,
  reference = "ValueError",
  reason = "object dtype (a pickle, which is code)"
 }
},
{
 name = "npy/bad_structured.npy",
 op = "npy",
 source = "bytes put together by hand after the format's description",
 args = {
  file = "npy/bad_structured.npy",
  bytes = 176,
  sha256 = "249e6c419a17bd74c6f04d144cd529ae06af677ffd14ee9ce9dd3da894a45bb8"
 },
 inp = {},
 out = {
  valid = false,
  reference = "accepts",
  reason = "structured dtype"
 }
},
{
 name = "npy/bad_descr_unknown.npy",
 op = "npy",
 source = "bytes put together by hand after the format's description",
 args = {
  file = "npy/bad_descr_unknown.npy",
  bytes = 152,
  sha256 = "71cdd88731c761342c064d4ae777a4d2435acea48cad5206f6ce7c3558005e71"
 },
 inp = {},
 out = {
  valid = false,
  reference = "ValueError",
  reason = "unknown dtype"
 }
},
{
 name = "npy/bad_descr_number.npy",
 op = "npy",
 source = "bytes put together by hand after the format's description",
 args = {
  file = "npy/bad_descr_number.npy",
  bytes = 152,
  sha256 = "4ab7558d7edad724e2a0bdc349d18f25844bd9249d6502b91a4342fdecd89f6a"
 },
 inp = {},
 out = {
  valid = false,
  reference = "ValueError",
  reason = "descr is not a string"
 }
},
{
 name = "npy/bad_descr_string.npy",
 op = "npy",
 source = "bytes put together by hand after the format's description",
 args = {
  file = "npy/bad_descr_string.npy",
  bytes = 152,
  sha256 = "a4588cf5089cbcfbee51cee3afe3489c8551f0b64ff39d5a38db1d5a352362ea"
 },
 inp = {},
 out = {
  valid = false,
  reference = "ValueError",
  reason = "string dtype"
 }
},
{
 name = "npy/bad_nested_header.npy",
 op = "npy",
 source = "bytes put together by hand after the format's description",
 args = {
  file = "npy/bad_nested_header.npy",
  bytes = 4120,
  sha256 = "6b51b604ea591dbcee819f7e206e66ec02ea08f1cd313fcd43c2346fa2246bca"
 },
 inp = {},
 out = {
  valid = false,
  reference = "ValueError",
  reason = "header nested 2000 deep"
 }
},
{
 name = "npy/bad_rank_40.npy",
 op = "npy",
 source = "bytes put together by hand after the format's description",
 note = "a reader with an arbitrary rank may accept it: one element",
 args = {
  file = "npy/bad_rank_40.npy",
  bytes = 196,
  sha256 = "dfa9bd3f9ad64efad278289ebf28d7bc8b0e079b2afbcc2519d0a2948e650de3"
 },
 inp = {},
 out = {
  valid = false,
  reference = "accepts",
  reason = "40 dimensions",
  may_accept = true
 }
},
{
 name = "safetensors/f64.safetensors",
 op = "safetensors",
 source = "safetensors 0.8.0",
 args = {
  file = "safetensors/f64.safetensors",
  bytes = 120,
  sha256 = "5d34397398bba2f03f510ce3d873ed48c2721067507ab095808e779ade534622"
 },
 inp = {},
 out = {
  valid = true,
  reference = "accepts",
  arrays = {{
   name = "a",
   dtype = "float64",
   array = {shape = {2, 3}, dtype = "float64", data = {0.9724624063971212, 0.917885086660019, -1.2760172103991096, -1.1270496877958518, -0.2068931052953277, 1.205828406303784}}
  }}
 }
},
{
 name = "safetensors/f32.safetensors",
 op = "safetensors",
 source = "safetensors 0.8.0",
 args = {
  file = "safetensors/f32.safetensors",
  bytes = 96,
  sha256 = "1122708738887575ab10845751abca1e555768980d5a53fd19757937283d1b69"
 },
 inp = {},
 out = {
  valid = true,
  reference = "accepts",
  arrays = {{
   name = "a",
   dtype = "float32",
   array = {shape = {2, 3}, dtype = "float32", data = {0.1400643289089203, -0.2839224934577942, -1.1375699043273926, -0.37561196088790894, 0.7832696437835693, 0.6338968276977539}}
  }}
 }
},
{
 name = "safetensors/f16.safetensors",
 op = "safetensors",
 source = "safetensors 0.8.0",
 args = {
  file = "safetensors/f16.safetensors",
  bytes = 84,
  sha256 = "2c07005b594c699abda01f8538124a88198141185a6f77c0fae7e2c0219e25d5"
 },
 inp = {},
 out = {
  valid = true,
  reference = "accepts",
  arrays = {{
   name = "a",
   dtype = "float16",
   array = {shape = {2, 3}, dtype = "float16", data = {-0.28076171875, -0.58984375, -0.2320556640625, 0.112060546875, -0.1331787109375, 0.55908203125}}
  }}
 }
},
{
 name = "safetensors/bf16.safetensors",
 op = "safetensors",
 source = "safetensors 0.8.0",
 args = {
  file = "safetensors/bf16.safetensors",
  bytes = 84,
  sha256 = "38be24fa3cda514aade546e5de96c56670a8f50843e59e44a97e7b83e78acfee"
 },
 inp = {},
 out = {
  valid = true,
  reference = "accepts",
  arrays = {{
   name = "a",
   dtype = "bfloat16",
   array = {shape = {2, 3}, dtype = "float32", data = {0.2099609375, -0.302734375, -1.0625, -1.5546875, -0.796875, -1.15625}}
  }}
 }
},
{
 name = "safetensors/i64.safetensors",
 op = "safetensors",
 source = "safetensors 0.8.0",
 args = {
  file = "safetensors/i64.safetensors",
  bytes = 120,
  sha256 = "dcb2d2548b26573f96c72e9879939e31c6a4c3aea24b25d0334f1e86dfffe3f3"
 },
 inp = {},
 out = {
  valid = true,
  reference = "accepts",
  arrays = {{
   name = "a",
   dtype = "int64",
   array = {shape = {2, 3}, dtype = "int64", data = {-9223372036854775807, 9223372036854775807, -3188370088031514722, -3910777353223540483, 3929889478026646615, -2278721446319073891}}
  }}
 }
},
{
 name = "safetensors/i32.safetensors",
 op = "safetensors",
 source = "safetensors 0.8.0",
 args = {
  file = "safetensors/i32.safetensors",
  bytes = 96,
  sha256 = "d13c4eeeea7ba00d0306edbdc2d1c4c97cbfff3eb4b006cab4ba10829422e092"
 },
 inp = {},
 out = {
  valid = true,
  reference = "accepts",
  arrays = {{
   name = "a",
   dtype = "int32",
   array = {shape = {2, 3}, dtype = "int32", data = {-2147483648, 2147483647, -978379587, -403556363, -251377676, 272831749}}
  }}
 }
},
{
 name = "safetensors/i16.safetensors",
 op = "safetensors",
 source = "safetensors 0.8.0",
 args = {
  file = "safetensors/i16.safetensors",
  bytes = 84,
  sha256 = "19359354c48d868739e828dd15a6dc88a46324b59db82c108b66960861cc7668"
 },
 inp = {},
 out = {
  valid = true,
  reference = "accepts",
  arrays = {{
   name = "a",
   dtype = "int16",
   array = {shape = {2, 3}, dtype = "int16", data = {-32768, 32767, 3676, -18615, -7650, 3362}}
  }}
 }
},
{
 name = "safetensors/i8.safetensors",
 op = "safetensors",
 source = "safetensors 0.8.0",
 args = {
  file = "safetensors/i8.safetensors",
  bytes = 70,
  sha256 = "f409f08ec03b5d3bc389ebb9c54c58e9d23bc774df1b38e6b437e121c07cab4c"
 },
 inp = {},
 out = {
  valid = true,
  reference = "accepts",
  arrays = {{
   name = "a",
   dtype = "int8",
   array = {shape = {2, 3}, dtype = "int8", data = {-128, 127, -26, 75, 3, 8}}
  }}
 }
},
{
 name = "safetensors/u8.safetensors",
 op = "safetensors",
 source = "safetensors 0.8.0",
 args = {
  file = "safetensors/u8.safetensors",
  bytes = 70,
  sha256 = "2dbc15183968f9ed3d18958cfd50511c81f567be20f7778855e160e61d4a7013"
 },
 inp = {},
 out = {
  valid = true,
  reference = "accepts",
  arrays = {{
   name = "a",
   dtype = "uint8",
   array = {shape = {2, 3}, dtype = "uint8", data = {0, 255, 67, 1, 103, 72}}
  }}
 }
},
{
 name = "safetensors/bool.safetensors",
 op = "safetensors",
 source = "safetensors 0.8.0",
 args = {
  file = "safetensors/bool.safetensors",
  bytes = 78,
  sha256 = "d5ee556229aec264a1e175e348020fdc41b522a7f211d925ea12bdc05710034d"
 },
 inp = {},
 out = {
  valid = true,
  reference = "accepts",
  arrays = {{
   name = "a",
   dtype = "bool",
   array = {shape = {2, 3}, dtype = "bool", data = {false, true, false, false, false, false}}
  }}
 }
},
{
 name = "safetensors/all_types.safetensors",
 op = "safetensors",
 source = "safetensors 0.8.0",
 note = "the reference writer orders the data by dtype (I64 F64 F32 I32 BF16 F16 I16 I8 U8 BOOL), then by name",
 args = {
  file = "safetensors/all_types.safetensors",
  bytes = 683,
  sha256 = "1bd16d014d3fba69d57fb0f6c582ccb90d31b312a781c3096586999146b964e0"
 },
 inp = {},
 out = {
  valid = true,
  reference = "accepts",
  arrays = {{
   name = "f64",
   dtype = "float64",
   array = {shape = {3}, dtype = "float64", data = {0.298501587589499, -0.6310740854273988, -0.06652692631749489}}
  }, {
   name = "f32",
   dtype = "float32",
   array = {shape = {3}, dtype = "float32", data = {0.43711841106414795, 1.3588573932647705, 0.7626598477363586}}
  }, {
   name = "f16",
   dtype = "float16",
   array = {shape = {3}, dtype = "float16", data = {2.29296875, -0.1922607421875, -1.8505859375}}
  }, {
   name = "bf16",
   dtype = "bfloat16",
   array = {shape = {3}, dtype = "float32", data = {-0.064453125, 0.96484375, 0.6171875}}
  }, {
   name = "i64",
   dtype = "int64",
   array = {shape = {3}, dtype = "int64", data = {-9223372036854775807, 9223372036854775807, -3429839699692265577}}
  }, {
   name = "i32",
   dtype = "int32",
   array = {shape = {3}, dtype = "int32", data = {-2147483648, 2147483647, 1365440253}}
  }, {
   name = "i16",
   dtype = "int16",
   array = {shape = {3}, dtype = "int16", data = {-32768, 32767, 15657}}
  }, {
   name = "i8",
   dtype = "int8",
   array = {shape = {3}, dtype = "int8", data = {-128, 127, 97}}
  }, {
   name = "u8",
   dtype = "uint8",
   array = {shape = {3}, dtype = "uint8", data = {0, 255, 226}}
  }, {
   name = "bool",
   dtype = "bool",
   array = {shape = {3}, dtype = "bool", data = {false, true, false}}
  }}
 }
},
{
 name = "safetensors/shapes.safetensors",
 op = "safetensors",
 source = "safetensors 0.8.0",
 args = {
  file = "safetensors/shapes.safetensors",
  bytes = 348,
  sha256 = "9cf87fafda747578c8394c9e90053686a8134e26c602d89f6ab5797fed62d3bd"
 },
 inp = {},
 out = {
  valid = true,
  reference = "accepts",
  arrays = {{
   name = "scalar",
   dtype = "float32",
   array = {shape = {}, dtype = "float32", data = {1.5}}
  }, {
   name = "empty",
   dtype = "float32",
   array = {shape = {0}, dtype = "float32", data = {}}
  }, {
   name = "empty2",
   dtype = "float64",
   array = {shape = {2, 0, 3}, dtype = "float64", data = {}}
  }, {
   name = "one",
   dtype = "int64",
   array = {shape = {1}, dtype = "int64", data = {7}}
  }, {
   name = "deep",
   dtype = "float32",
   array = {shape = {1, 2, 1, 3}, dtype = "float32", data = {2.1139230728149414, -0.3713161051273346, 0.15467511117458344, 0.24975760281085968, -0.05149663984775543, -0.08877425640821457}}
  }}
 }
},
{
 name = "safetensors/metadata.safetensors",
 op = "safetensors",
 source = "safetensors 0.8.0",
 args = {
  file = "safetensors/metadata.safetensors",
  bytes = 112,
  sha256 = "9dbd1f5590e51a3b44d9f22921d6ef9d2297729494be58f2e648f4e9b33f1abc"
 },
 inp = {},
 out = {
  valid = true,
  reference = "accepts",
  arrays = {{
   name = "w",
   dtype = "float32",
   array = {shape = {2, 2}, dtype = "float32", data = {-0.8397175669670105, -0.5842215418815613, -0.6122691035270691, 0.2257983684539795}}
  }},
  metadata = {
   format = "pt"
  }
 }
},
{
 name = "safetensors/metadata_only.safetensors",
 op = "safetensors",
 source = "safetensors 0.8.0",
 args = {
  file = "safetensors/metadata_only.safetensors",
  bytes = 72,
  sha256 = "73018bad9248441514256572665b5f204b7f21893b424ba6f29b544eda19a48c"
 },
 inp = {},
 out = {
  valid = true,
  reference = "accepts",
  arrays = {},
  metadata = {
   note = "line\nbreak \"quoted\" \\ äöü"
  }
 }
},
{
 name = "safetensors/none.safetensors",
 op = "safetensors",
 source = "safetensors 0.8.0",
 args = {
  file = "safetensors/none.safetensors",
  bytes = 16,
  sha256 = "9bbcbf73561f6bc5d0a17ea6a2081feed2d1304e87602d8c502d9a5c4bd85576"
 },
 inp = {},
 out = {
  valid = true,
  reference = "accepts",
  arrays = {}
 }
},
{
 name = "safetensors/names.safetensors",
 op = "safetensors",
 source = "safetensors 0.8.0",
 args = {
  file = "safetensors/names.safetensors",
  bytes = 363,
  sha256 = "3d60b98bc293276edfc7686fc147315a0936ba94343cb6439689eee9e2669404"
 },
 inp = {},
 out = {
  valid = true,
  reference = "accepts",
  arrays = {{
   name = "model.layer1.weight",
   dtype = "float32",
   array = {shape = {2, 2}, dtype = "float32", data = {-0.8397175669670105, -0.5842215418815613, -0.6122691035270691, 0.2257983684539795}}
  }, {
   name = "with space",
   dtype = "float32",
   array = {shape = {1}, dtype = "float32", data = {-0.30705711245536804}}
  }, {
   name = "quote\"s",
   dtype = "int32",
   array = {shape = {2}, dtype = "int32", data = {760509217, -212853395}}
  }, {
   name = "ünïcode/数",
   dtype = "uint8",
   array = {shape = {3}, dtype = "uint8", data = {0, 255, 160}}
  }, {
   name = "",
   dtype = "float32",
   array = {shape = {1}, dtype = "float32", data = {0.7693191766738892}}
  }}
 }
},
{
 name = "safetensors/order_reversed.safetensors",
 op = "safetensors",
 source = "bytes put together by hand after the format's description",
 note = "names in another order than the data",
 args = {
  file = "safetensors/order_reversed.safetensors",
  bytes = 140,
  sha256 = "474db286f05b358f4e108d262bb64d9ec47fe3bf3fc46f1771e8225548ffcf1a"
 },
 inp = {},
 out = {
  valid = true,
  reference = "accepts",
  arrays = {{
   name = "x",
   dtype = "float32",
   array = {shape = {2}, dtype = "float32", data = {-0.04500671103596687, -1.5345662832260132}}
  }, {
   name = "y",
   dtype = "float32",
   array = {shape = {3}, dtype = "float32", data = {-1.154802918434143, -0.2729586362838745, -2.0265793800354004}}
  }}
 }
},
{
 name = "safetensors/unpadded.safetensors",
 op = "safetensors",
 source = "bytes put together by hand after the format's description",
 note = "header length not a multiple of 8: the data is unaligned",
 args = {
  file = "safetensors/unpadded.safetensors",
  bytes = 70,
  sha256 = "c74257f479fd7a3de121bac4c096738b0537bf07b5f483ed0f71f026987870d1"
 },
 inp = {},
 out = {
  valid = true,
  reference = "accepts",
  arrays = {{
   name = "x",
   dtype = "float32",
   array = {shape = {2}, dtype = "float32", data = {-0.04500671103596687, -1.5345662832260132}}
  }}
 }
},
{
 name = "safetensors/escapes.safetensors",
 op = "safetensors",
 source = "bytes put together by hand after the format's description",
 note = "JSON escapes in a name",
 args = {
  file = "safetensors/escapes.safetensors",
  bytes = 80,
  sha256 = "64413cb6fbb94ec979aaaf1f8deb69a79a94b68a8303a74be99a72e4c20b9e8f"
 },
 inp = {},
 out = {
  valid = true,
  reference = "accepts",
  arrays = {{
   name = "a\n",
   dtype = "float32",
   array = {shape = {2}, dtype = "float32", data = {-0.04500671103596687, -1.5345662832260132}}
  }}
 }
},
{
 name = "safetensors/spaces.safetensors",
 op = "safetensors",
 source = "bytes put together by hand after the format's description",
 args = {
  file = "safetensors/spaces.safetensors",
  bytes = 96,
  sha256 = "945ed6b07bb969035cffe931fb792e7ffd7dd1cb02012cd149676b79525a14cd"
 },
 inp = {},
 out = {
  valid = true,
  reference = "accepts",
  arrays = {{
   name = "x",
   dtype = "float32",
   array = {shape = {2}, dtype = "float32", data = {-0.04500671103596687, -1.5345662832260132}}
  }}
 }
},
{
 name = "safetensors/u16.safetensors",
 op = "safetensors",
 source = "bytes put together by hand after the format's description",
 args = {
  file = "safetensors/u16.safetensors",
  bytes = 70,
  sha256 = "fb63076278589f3e245fc761abe76dc3b2fc72675e74672542bc68b131e25faf"
 },
 inp = {},
 out = {
  valid = true,
  reference = "accepts",
  arrays = {{
   name = "a",
   dtype = "float32",
   array = {shape = {3}, dtype = "float32", data = {1.0, 2.0, 3.0}}
  }},
  may_refuse = true
 }
},
{
 name = "safetensors/u32.safetensors",
 op = "safetensors",
 source = "bytes put together by hand after the format's description",
 args = {
  file = "safetensors/u32.safetensors",
  bytes = 76,
  sha256 = "178b14e8bbfa1b3e5c94fd023a7b4a990bc05b95b2729127fa3a5acc7317d0c1"
 },
 inp = {},
 out = {
  valid = true,
  reference = "accepts",
  arrays = {{
   name = "a",
   dtype = "float32",
   array = {shape = {3}, dtype = "float32", data = {1.0, 2.0, 3.0}}
  }},
  may_refuse = true
 }
},
{
 name = "safetensors/u64.safetensors",
 op = "safetensors",
 source = "bytes put together by hand after the format's description",
 args = {
  file = "safetensors/u64.safetensors",
  bytes = 88,
  sha256 = "46b01f0454dc80eae9c57dc8d62dbf76de414facc374ad4117e2db6d21054fc8"
 },
 inp = {},
 out = {
  valid = true,
  reference = "accepts",
  arrays = {{
   name = "a",
   dtype = "float32",
   array = {shape = {3}, dtype = "float32", data = {1.0, 2.0, 3.0}}
  }},
  may_refuse = true
 }
},
{
 name = "safetensors/f8_e4m3.safetensors",
 op = "safetensors",
 source = "bytes put together by hand after the format's description",
 args = {
  file = "safetensors/f8_e4m3.safetensors",
  bytes = 75,
  sha256 = "f4bb0169e1f119725d1e9d6c497729174b22e983465a7ab26bcfd3fdd83cda5e"
 },
 inp = {},
 out = {
  valid = true,
  reference = "accepts",
  arrays = {{
   name = "a",
   dtype = "float32",
   array = {shape = {3}, dtype = "float32", data = {1.0, 2.0, 3.0}}
  }},
  may_refuse = true
 }
},
{
 name = "safetensors/bad_empty.safetensors",
 op = "safetensors",
 source = "bytes put together by hand after the format's description",
 args = {
  file = "safetensors/bad_empty.safetensors",
  bytes = 0,
  sha256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
 },
 inp = {},
 out = {
  valid = false,
  reference = "SafetensorError",
  reason = "empty file"
 }
},
{
 name = "safetensors/bad_short.safetensors",
 op = "safetensors",
 source = "bytes put together by hand after the format's description",
 args = {
  file = "safetensors/bad_short.safetensors",
  bytes = 4,
  sha256 = "26b25d457597a7b0463f9620f666dd10aa2c4373a505967c7c8d70922a2d6ece"
 },
 inp = {},
 out = {
  valid = false,
  reference = "SafetensorError",
  reason = "fewer than 8 bytes"
 }
},
{
 name = "safetensors/bad_cut_header.safetensors",
 op = "safetensors",
 source = "bytes put together by hand after the format's description",
 args = {
  file = "safetensors/bad_cut_header.safetensors",
  bytes = 30,
  sha256 = "049b3aa0de7256bdade3c2906b959adae22952fa171b1ba0552ed47f66d0e057"
 },
 inp = {},
 out = {
  valid = false,
  reference = "SafetensorError",
  reason = "truncated header"
 }
},
{
 name = "safetensors/bad_cut_data.safetensors",
 op = "safetensors",
 source = "bytes put together by hand after the format's description",
 args = {
  file = "safetensors/bad_cut_data.safetensors",
  bytes = 71,
  sha256 = "aff1cef0acd4f5e6192569c28854932f66c509f85e8195ebc4f107eaa6b465cb"
 },
 inp = {},
 out = {
  valid = false,
  reference = "SafetensorError",
  reason = "truncated data"
 }
},
{
 name = "safetensors/bad_trailing.safetensors",
 op = "safetensors",
 source = "bytes put together by hand after the format's description",
 args = {
  file = "safetensors/bad_trailing.safetensors",
  bytes = 73,
  sha256 = "d887e4c09b6b47ef37beff6ae86cb05adab5d5265d93bc0e2a63c9f3a9fcfc4d"
 },
 inp = {},
 out = {
  valid = false,
  reference = "SafetensorError",
  reason = "trailing bytes"
 }
},
{
 name = "safetensors/bad_header_huge.safetensors",
 op = "safetensors",
 source = "bytes put together by hand after the format's description",
 args = {
  file = "safetensors/bad_header_huge.safetensors",
  bytes = 72,
  sha256 = "1694ee2e47feb1d7163007490fbd5d5dc55eb4cdd5d51c69694763bf7f913766"
 },
 inp = {},
 out = {
  valid = false,
  reference = "SafetensorError",
  reason = "header length past the end of the file"
 }
},
{
 name = "safetensors/bad_header_negative.safetensors",
 op = "safetensors",
 source = "bytes put together by hand after the format's description",
 args = {
  file = "safetensors/bad_header_negative.safetensors",
  bytes = 72,
  sha256 = "7231eadf1ae23776122b097a1bbb5b1af8bad68562795c1be59f2fe29f5d566c"
 },
 inp = {},
 out = {
  valid = false,
  reference = "SafetensorError",
  reason = "header length overflows when added"
 }
},
{
 name = "safetensors/bad_header_100MB.safetensors",
 op = "safetensors",
 source = "bytes put together by hand after the format's description",
 args = {
  file = "safetensors/bad_header_100MB.safetensors",
  bytes = 72,
  sha256 = "0e41c01ec7193f515779797513be14565d89ecaf7c7f51e04a4cf4cd2559679a"
 },
 inp = {},
 out = {
  valid = false,
  reference = "SafetensorError",
  reason = "header length above the limit of 100 MB"
 }
},
{
 name = "safetensors/bad_header_zero.safetensors",
 op = "safetensors",
 source = "bytes put together by hand after the format's description",
 args = {
  file = "safetensors/bad_header_zero.safetensors",
  bytes = 16,
  sha256 = "19e7c6ed6d5bebd63048a829c3f4f74a5ed4e1723b812b74a327ab504be1d1c9"
 },
 inp = {},
 out = {
  valid = false,
  reference = "SafetensorError",
  reason = "empty header"
 }
},
{
 name = "safetensors/bad_json.safetensors",
 op = "safetensors",
 source = "bytes put together by hand after the format's description",
 args = {
  file = "safetensors/bad_json.safetensors",
  bytes = 72,
  sha256 = "d3e92656d2087e74e79a4eccdedb02cb362b11f27acfa956b20f286990d9354b"
 },
 inp = {},
 out = {
  valid = false,
  reference = "SafetensorError",
  reason = "header is not JSON"
 }
},
{
 name = "safetensors/bad_json_list.safetensors",
 op = "safetensors",
 source = "bytes put together by hand after the format's description",
 args = {
  file = "safetensors/bad_json_list.safetensors",
  bytes = 24,
  sha256 = "ae46cf0e69bc2fcdac46ae747b88a03a06cd2613f12760c187589b9543ac91a4"
 },
 inp = {},
 out = {
  valid = false,
  reference = "SafetensorError",
  reason = "header is not an object"
 }
},
{
 name = "safetensors/bad_json_null.safetensors",
 op = "safetensors",
 source = "bytes put together by hand after the format's description",
 args = {
  file = "safetensors/bad_json_null.safetensors",
  bytes = 24,
  sha256 = "8debf2c7fbda1c1e05b8bda8f2b0cc7c5337545e530306b0aaf70ccce0deffb4"
 },
 inp = {},
 out = {
  valid = false,
  reference = "SafetensorError",
  reason = "header is not an object"
 }
},
{
 name = "safetensors/bad_json_comma.safetensors",
 op = "safetensors",
 source = "bytes put together by hand after the format's description",
 args = {
  file = "safetensors/bad_json_comma.safetensors",
  bytes = 72,
  sha256 = "ce2b2c475d0ec78b3fc212d05a772c0198533c9a0b76104bbbd5455dcf2628d1"
 },
 inp = {},
 out = {
  valid = false,
  reference = "SafetensorError",
  reason = "trailing comma"
 }
},
{
 name = "safetensors/bad_utf8.safetensors",
 op = "safetensors",
 source = "bytes put together by hand after the format's description",
 args = {
  file = "safetensors/bad_utf8.safetensors",
  bytes = 72,
  sha256 = "0384e0fbe020bfc78ad737971673b1ed43b336d32c33a15be7ed64e4c639a58a"
 },
 inp = {},
 out = {
  valid = false,
  reference = "SafetensorError",
  reason = "header is not UTF-8"
 }
},
{
 name = "safetensors/bad_space_first.safetensors",
 op = "safetensors",
 source = "bytes put together by hand after the format's description",
 note = "the description says that the header begins with {; the reference takes leading spaces",
 args = {
  file = "safetensors/bad_space_first.safetensors",
  bytes = 72,
  sha256 = "63bcb88f283529a1e04fd6e9f81716d1faa998bb32ae651445778bb3528303ca"
 },
 inp = {},
 out = {
  valid = false,
  reference = "accepts",
  reason = "header does not begin with {",
  may_accept = true
 }
},
{
 name = "safetensors/bad_nested.safetensors",
 op = "safetensors",
 source = "bytes put together by hand after the format's description",
 args = {
  file = "safetensors/bad_nested.safetensors",
  bytes = 6024,
  sha256 = "f3a60269b2b8c74c17bde2094602f7c28fc6c4fde6390acc455be445b93bd31d"
 },
 inp = {},
 out = {
  valid = false,
  reference = "SafetensorError",
  reason = "JSON nested 3000 deep"
 }
},
{
 name = "safetensors/bad_key_twice.safetensors",
 op = "safetensors",
 source = "bytes put together by hand after the format's description",
 args = {
  file = "safetensors/bad_key_twice.safetensors",
  bytes = 128,
  sha256 = "a170ad350d1c5553844dcddca76be5474a503de23c57c478995f8e24739a5499"
 },
 inp = {},
 out = {
  valid = false,
  reference = "accepts",
  reason = "name given twice"
 }
},
{
 name = "safetensors/bad_field_twice.safetensors",
 op = "safetensors",
 source = "bytes put together by hand after the format's description",
 args = {
  file = "safetensors/bad_field_twice.safetensors",
  bytes = 88,
  sha256 = "718fc628eac48120a8219ddf4be970a67ed9fba18ff5974c088bdfda8a50c526"
 },
 inp = {},
 out = {
  valid = false,
  reference = "SafetensorError",
  reason = "field given twice"
 }
},
{
 name = "safetensors/bad_field_missing.safetensors",
 op = "safetensors",
 source = "bytes put together by hand after the format's description",
 args = {
  file = "safetensors/bad_field_missing.safetensors",
  bytes = 64,
  sha256 = "503f926b3e93fa7e50de22f611f987fef9b08a209c22cf7829d59e53ea770f88"
 },
 inp = {},
 out = {
  valid = false,
  reference = "SafetensorError",
  reason = "shape missing"
 }
},
{
 name = "safetensors/bad_field_unknown.safetensors",
 op = "safetensors",
 source = "bytes put together by hand after the format's description",
 args = {
  file = "safetensors/bad_field_unknown.safetensors",
  bytes = 80,
  sha256 = "5da10b3f52b1b766ac5865a747663387ed10256cd4329e74ce459dcf25bf517a"
 },
 inp = {},
 out = {
  valid = false,
  reference = "accepts",
  reason = "unknown field",
  may_accept = true
 }
},
{
 name = "safetensors/bad_dtype.safetensors",
 op = "safetensors",
 source = "bytes put together by hand after the format's description",
 args = {
  file = "safetensors/bad_dtype.safetensors",
  bytes = 72,
  sha256 = "ac0e2e5b856712ab1d7e799c99403767a266f0d58d5c170adf4a4b13c099b0e2"
 },
 inp = {},
 out = {
  valid = false,
  reference = "SafetensorError",
  reason = "unknown dtype"
 }
},
{
 name = "safetensors/bad_dtype_number.safetensors",
 op = "safetensors",
 source = "bytes put together by hand after the format's description",
 args = {
  file = "safetensors/bad_dtype_number.safetensors",
  bytes = 72,
  sha256 = "937d31a97d600f6f44ab30a576cc4ec5935b30ffd89a950300b67aacea1187f1"
 },
 inp = {},
 out = {
  valid = false,
  reference = "SafetensorError",
  reason = "dtype is not a string"
 }
},
{
 name = "safetensors/bad_overlap.safetensors",
 op = "safetensors",
 source = "bytes put together by hand after the format's description",
 args = {
  file = "safetensors/bad_overlap.safetensors",
  bytes = 132,
  sha256 = "58da759255b2d593a8db6b47702f9f9c6bef7b18236906fb25f7283b001702a9"
 },
 inp = {},
 out = {
  valid = false,
  reference = "SafetensorError",
  reason = "offsets overlap"
 }
},
{
 name = "safetensors/bad_same.safetensors",
 op = "safetensors",
 source = "bytes put together by hand after the format's description",
 args = {
  file = "safetensors/bad_same.safetensors",
  bytes = 128,
  sha256 = "e151c13048b99eef728bdc0f8e42f6ce1b2f2f9f1adc65af5c429e356095d136"
 },
 inp = {},
 out = {
  valid = false,
  reference = "SafetensorError",
  reason = "two names for the same bytes"
 }
},
{
 name = "safetensors/bad_gap.safetensors",
 op = "safetensors",
 source = "bytes put together by hand after the format's description",
 args = {
  file = "safetensors/bad_gap.safetensors",
  bytes = 140,
  sha256 = "e676eb1bb05d459949dbc353effc13fdc32ea5840c16d5d556af31a36cc95dee"
 },
 inp = {},
 out = {
  valid = false,
  reference = "SafetensorError",
  reason = "a hole between tensors"
 }
},
{
 name = "safetensors/bad_gap_first.safetensors",
 op = "safetensors",
 source = "bytes put together by hand after the format's description",
 args = {
  file = "safetensors/bad_gap_first.safetensors",
  bytes = 76,
  sha256 = "b729283d4c1bd0ba2af64d96af8021f6b61f79a1b2ee09977c3288473242a4dc"
 },
 inp = {},
 out = {
  valid = false,
  reference = "SafetensorError",
  reason = "a hole before the first tensor"
 }
},
{
 name = "safetensors/bad_backwards.safetensors",
 op = "safetensors",
 source = "bytes put together by hand after the format's description",
 args = {
  file = "safetensors/bad_backwards.safetensors",
  bytes = 72,
  sha256 = "5ccf8bb49547b982a841b1ebc108a55b066680ab9cb50b795f2554d08148767a"
 },
 inp = {},
 out = {
  valid = false,
  reference = "SafetensorError",
  reason = "end before begin"
 }
},
{
 name = "safetensors/bad_past_end.safetensors",
 op = "safetensors",
 source = "bytes put together by hand after the format's description",
 args = {
  file = "safetensors/bad_past_end.safetensors",
  bytes = 72,
  sha256 = "d2c96e10ce29c18271f0b3d4f88bab109481a1ec166747d4e4c6c062452d9b3a"
 },
 inp = {},
 out = {
  valid = false,
  reference = "SafetensorError",
  reason = "offsets past the end"
 }
},
{
 name = "safetensors/bad_size.safetensors",
 op = "safetensors",
 source = "bytes put together by hand after the format's description",
 args = {
  file = "safetensors/bad_size.safetensors",
  bytes = 72,
  sha256 = "6629a27957cda53974855ed19fc6700ba186f7d96f36387b575b836c453634a6"
 },
 inp = {},
 out = {
  valid = false,
  reference = "SafetensorError",
  reason = "shape does not fit the offsets"
 }
},
{
 name = "safetensors/bad_overflow.safetensors",
 op = "safetensors",
 source = "bytes put together by hand after the format's description",
 args = {
  file = "safetensors/bad_overflow.safetensors",
  bytes = 96,
  sha256 = "49bd3c819ac62292d8a912eb8781ba6ec83cccba7d2bc589eca28f4276f98aa5"
 },
 inp = {},
 out = {
  valid = false,
  reference = "SafetensorError",
  reason = "product of sizes overflows 64 bits"
 }
},
{
 name = "safetensors/bad_overflow_zero.safetensors",
 op = "safetensors",
 source = "bytes put together by hand after the format's description",
 args = {
  file = "safetensors/bad_overflow_zero.safetensors",
  bytes = 104,
  sha256 = "e0c08a6a56884ec6c745a1a6e1aa0265c4c908d8256ffe255f663789c558ff0c"
 },
 inp = {},
 out = {
  valid = false,
  reference = "SafetensorError",
  reason = "sizes overflow although the product is 0"
 }
},
{
 name = "safetensors/bad_negative.safetensors",
 op = "safetensors",
 source = "bytes put together by hand after the format's description",
 args = {
  file = "safetensors/bad_negative.safetensors",
  bytes = 72,
  sha256 = "dc0314a939895c77edab14620a459006f92595662b5b0a6e78ab6a09302d1507"
 },
 inp = {},
 out = {
  valid = false,
  reference = "SafetensorError",
  reason = "negative size"
 }
},
{
 name = "safetensors/bad_float_size.safetensors",
 op = "safetensors",
 source = "bytes put together by hand after the format's description",
 args = {
  file = "safetensors/bad_float_size.safetensors",
  bytes = 72,
  sha256 = "988143153c54096758f219b1e766d3b7aec038f40193efe3e4a5286e17ea0d2a"
 },
 inp = {},
 out = {
  valid = false,
  reference = "SafetensorError",
  reason = "size is not an integer"
 }
},
{
 name = "safetensors/bad_huge_number.safetensors",
 op = "safetensors",
 source = "bytes put together by hand after the format's description",
 args = {
  file = "safetensors/bad_huge_number.safetensors",
  bytes = 96,
  sha256 = "fec25d72bf40b17d39bdcedc48fb8b1c1ed4abb8d235fe3b91e2e9bfef148307"
 },
 inp = {},
 out = {
  valid = false,
  reference = "SafetensorError",
  reason = "size beyond 64 bits"
 }
},
{
 name = "safetensors/bad_offsets_three.safetensors",
 op = "safetensors",
 source = "bytes put together by hand after the format's description",
 args = {
  file = "safetensors/bad_offsets_three.safetensors",
  bytes = 72,
  sha256 = "dbf723883fb2634bd4f95e522c7d8da077a91c8bf926bc601d2a7d40368261d1"
 },
 inp = {},
 out = {
  valid = false,
  reference = "SafetensorError",
  reason = "three offsets"
 }
},
{
 name = "safetensors/bad_metadata_number.safetensors",
 op = "safetensors",
 source = "bytes put together by hand after the format's description",
 args = {
  file = "safetensors/bad_metadata_number.safetensors",
  bytes = 96,
  sha256 = "6021f23587a13a994617fc0433fea8d083290d0987127b1ba11c9ebec8091d95"
 },
 inp = {},
 out = {
  valid = false,
  reference = "SafetensorError",
  reason = "metadata value is not a string"
 }
},
{
 name = "safetensors/bad_metadata_list.safetensors",
 op = "safetensors",
 source = "bytes put together by hand after the format's description",
 args = {
  file = "safetensors/bad_metadata_list.safetensors",
  bytes = 96,
  sha256 = "a1175f5039499c7078631e6f7eab29328d3c0ebc31fa142291cf28f25aa59aee"
 },
 inp = {},
 out = {
  valid = false,
  reference = "SafetensorError",
  reason = "metadata is not an object"
 }
},
{
 name = "safetensors/bad_zero_bytes.safetensors",
 op = "safetensors",
 source = "bytes put together by hand after the format's description",
 args = {
  file = "safetensors/bad_zero_bytes.safetensors",
  bytes = 80,
  sha256 = "3a598682aec4bb442c66a26f7cce6502cd1870efba12a6f161d6ba3c3e94cc55"
 },
 inp = {},
 out = {
  valid = false,
  reference = "SafetensorError",
  reason = "header of zero bytes"
 }
},
{
 name = "safetensors/bad_surrogate.safetensors",
 op = "safetensors",
 source = "bytes put together by hand after the format's description",
 args = {
  file = "safetensors/bad_surrogate.safetensors",
  bytes = 80,
  sha256 = "079f3d7d90f5d489752a45cdfcae6404a0e1b900d5429ea50c512b6eefd1038a"
 },
 inp = {},
 out = {
  valid = false,
  reference = "SafetensorError",
  reason = "a lone surrogate in a name"
 }
},
{
 name = "idx/u1.idx",
 op = "idx",
 source = "written with struct after the format's description (magic 00 00 type rank, big-endian sizes and data)",
 args = {
  file = "idx/u1.idx",
  bytes = 18,
  sha256 = "a1e7d3f24eb9b2ade6d0505913763d954f218a98451dce9e4bad58aa0d9cd690"
 },
 inp = {},
 out = {
  valid = true,
  arrays = {{
   name = "a",
   dtype = "uint8",
   array = {shape = {2, 3}, dtype = "uint8", data = {0, 255, 186, 88, 87, 157}}
  }}
 }
},
{
 name = "idx/u1.idx.gz",
 op = "idx",
 source = "written with struct after the format's description (magic 00 00 type rank, big-endian sizes and data); gzip by Python, mtime 0",
 args = {
  file = "idx/u1.idx.gz",
  bytes = 36,
  sha256 = "f6fdbb78b08ceadf79bd37beaae67b9e88a76b417e912287bc697038f0277256"
 },
 inp = {},
 out = {
  valid = true,
  arrays = {{
   name = "a",
   dtype = "uint8",
   array = {shape = {2, 3}, dtype = "uint8", data = {0, 255, 186, 88, 87, 157}}
  }}
 }
},
{
 name = "idx/i1.idx",
 op = "idx",
 source = "written with struct after the format's description (magic 00 00 type rank, big-endian sizes and data)",
 args = {
  file = "idx/i1.idx",
  bytes = 18,
  sha256 = "21302054aea950394d8b74f1eec4567c58e1400aa3c48b546ac310d44c5450eb"
 },
 inp = {},
 out = {
  valid = true,
  arrays = {{
   name = "a",
   dtype = "int8",
   array = {shape = {2, 3}, dtype = "int8", data = {-128, 127, 94, -26, 2, -20}}
  }}
 }
},
{
 name = "idx/i2.idx",
 op = "idx",
 source = "written with struct after the format's description (magic 00 00 type rank, big-endian sizes and data)",
 args = {
  file = "idx/i2.idx",
  bytes = 24,
  sha256 = "e92c08fa48d6c02fdd112477826021287fce6dff3438e9df1363666816cfb284"
 },
 inp = {},
 out = {
  valid = true,
  arrays = {{
   name = "a",
   dtype = "int16",
   array = {shape = {2, 3}, dtype = "int16", data = {-32768, 32767, -9524, -6910, 14135, 2472}}
  }}
 }
},
{
 name = "idx/i4.idx",
 op = "idx",
 source = "written with struct after the format's description (magic 00 00 type rank, big-endian sizes and data)",
 args = {
  file = "idx/i4.idx",
  bytes = 36,
  sha256 = "d2ce0dd28fd1f649621c079cbf706073f231e7957607d2467aa45e903f558c28"
 },
 inp = {},
 out = {
  valid = true,
  arrays = {{
   name = "a",
   dtype = "int32",
   array = {shape = {2, 3}, dtype = "int32", data = {-2147483648, 2147483647, -418576393, -1788331447, 584831001, -886820975}}
  }}
 }
},
{
 name = "idx/i4.idx.gz",
 op = "idx",
 source = "written with struct after the format's description (magic 00 00 type rank, big-endian sizes and data); gzip by Python, mtime 0",
 args = {
  file = "idx/i4.idx.gz",
  bytes = 53,
  sha256 = "09b728e6e0f4d5f6a17e2a43e663efff8eb59a0e56d61414f96eaf78cc79877a"
 },
 inp = {},
 out = {
  valid = true,
  arrays = {{
   name = "a",
   dtype = "int32",
   array = {shape = {2, 3}, dtype = "int32", data = {-2147483648, 2147483647, -418576393, -1788331447, 584831001, -886820975}}
  }}
 }
},
{
 name = "idx/f4.idx",
 op = "idx",
 source = "written with struct after the format's description (magic 00 00 type rank, big-endian sizes and data)",
 args = {
  file = "idx/f4.idx",
  bytes = 36,
  sha256 = "a7cbd8ef8e1d5afd4b84f2f7e7c9b33a9e718ef7055f8eaaa41880b11dd1ce28"
 },
 inp = {},
 out = {
  valid = true,
  arrays = {{
   name = "a",
   dtype = "float32",
   array = {shape = {2, 3}, dtype = "float32", data = {-1.3779453039169312, -0.1572025865316391, -0.9372714757919312, 1.3990676403045654, -0.8035938739776611, -2.4180288314819336}}
  }}
 }
},
{
 name = "idx/f4.idx.gz",
 op = "idx",
 source = "written with struct after the format's description (magic 00 00 type rank, big-endian sizes and data); gzip by Python, mtime 0",
 args = {
  file = "idx/f4.idx.gz",
  bytes = 55,
  sha256 = "ce67caa836290574379fe134dbfd6f95eb1370fb0bf8679d995015c3bb0821a0"
 },
 inp = {},
 out = {
  valid = true,
  arrays = {{
   name = "a",
   dtype = "float32",
   array = {shape = {2, 3}, dtype = "float32", data = {-1.3779453039169312, -0.1572025865316391, -0.9372714757919312, 1.3990676403045654, -0.8035938739776611, -2.4180288314819336}}
  }}
 }
},
{
 name = "idx/f8.idx",
 op = "idx",
 source = "written with struct after the format's description (magic 00 00 type rank, big-endian sizes and data)",
 args = {
  file = "idx/f8.idx",
  bytes = 60,
  sha256 = "8cffd90b75be445a4c691056a486ba8f718f09c2d93883f43a7bda05e6cbba19"
 },
 inp = {},
 out = {
  valid = true,
  arrays = {{
   name = "a",
   dtype = "float64",
   array = {shape = {2, 3}, dtype = "float64", data = {-1.0319971101550347, 1.7352759957019617, 1.360611335258546, -0.5613190831864059, 2.1269670464970543, -0.9599442872799636}}
  }}
 }
},
{
 name = "idx/f8.idx.gz",
 op = "idx",
 source = "written with struct after the format's description (magic 00 00 type rank, big-endian sizes and data); gzip by Python, mtime 0",
 args = {
  file = "idx/f8.idx.gz",
  bytes = 80,
  sha256 = "89097a71348d63cc45000120f9d15ced68def12a447ecc17637161b758a89569"
 },
 inp = {},
 out = {
  valid = true,
  arrays = {{
   name = "a",
   dtype = "float64",
   array = {shape = {2, 3}, dtype = "float64", data = {-1.0319971101550347, 1.7352759957019617, 1.360611335258546, -0.5613190831864059, 2.1269670464970543, -0.9599442872799636}}
  }}
 }
},
{
 name = "idx/images-idx3-ubyte",
 op = "idx",
 source = "written with struct after the format's description (magic 00 00 type rank, big-endian sizes and data)",
 args = {
  file = "idx/images-idx3-ubyte",
  bytes = 76,
  sha256 = "ea66acf4a5a9ab8e11ba051df8c7a685ce35f11fa6ed74665e597f6cfbeb4712"
 },
 inp = {},
 out = {
  valid = true,
  arrays = {{
   name = "a",
   dtype = "uint8",
   array = {shape = {3, 4, 5}, dtype = "uint8", data = {0, 255, 176, 183, 86, 202, 76, 231, 188, 254, 193, 59, 142, 19, 240, 176, 56, 15, 14, 2, 235, 189, 29, 15, 243, 106, 82, 180, 144, 119, 252, 40, 4, 168, 235, 125, 37, 246, 20, 177, 88, 247, 171, 197, 234, 55, 226, 210, 149, 137, 209, 82, 237, 77, 172, 26, 41, 61, 253, 111}}
  }}
 }
},
{
 name = "idx/labels-idx1-ubyte",
 op = "idx",
 source = "written with struct after the format's description (magic 00 00 type rank, big-endian sizes and data)",
 args = {
  file = "idx/labels-idx1-ubyte",
  bytes = 11,
  sha256 = "9ab13a0296e9a884877e34640d2a96528d4e861a0155942f40cfba0f34650d3f"
 },
 inp = {},
 out = {
  valid = true,
  arrays = {{
   name = "a",
   dtype = "uint8",
   array = {shape = {3}, dtype = "uint8", data = {2, 8, 4}}
  }}
 }
},
{
 name = "idx/images-idx3-ubyte.gz",
 op = "idx",
 source = "written with struct after the format's description (magic 00 00 type rank, big-endian sizes and data); gzip by Python, mtime 0",
 args = {
  file = "idx/images-idx3-ubyte.gz",
  bytes = 96,
  sha256 = "75982fadb98f67c27d313f8d143951c46cf44a2f644fc62bb8e55d4820d444dc"
 },
 inp = {},
 out = {
  valid = true,
  arrays = {{
   name = "a",
   dtype = "uint8",
   array = {shape = {3, 4, 5}, dtype = "uint8", data = {0, 255, 176, 183, 86, 202, 76, 231, 188, 254, 193, 59, 142, 19, 240, 176, 56, 15, 14, 2, 235, 189, 29, 15, 243, 106, 82, 180, 144, 119, 252, 40, 4, 168, 235, 125, 37, 246, 20, 177, 88, 247, 171, 197, 234, 55, 226, 210, 149, 137, 209, 82, 237, 77, 172, 26, 41, 61, 253, 111}}
  }}
 }
},
{
 name = "idx/gz_without_the_name.idx",
 op = "idx",
 source = "written with struct after the format's description (magic 00 00 type rank, big-endian sizes and data); gzip by Python, mtime 0",
 note = "gzip is recognised by its magic, not by the file's name",
 args = {
  file = "idx/gz_without_the_name.idx",
  bytes = 31,
  sha256 = "f4a1328d20766d8a5121b29b5dc9eafc84463a6a23236c298c1fa14ce02ec9fa"
 },
 inp = {},
 out = {
  valid = true,
  arrays = {{
   name = "a",
   dtype = "uint8",
   array = {shape = {3}, dtype = "uint8", data = {2, 8, 4}}
  }}
 }
},
{
 name = "idx/gz_two_members.idx.gz",
 op = "idx",
 source = "written with struct after the format's description (magic 00 00 type rank, big-endian sizes and data); gzip by Python, mtime 0",
 note = "a gzip file may have several members",
 args = {
  file = "idx/gz_two_members.idx.gz",
  bytes = 51,
  sha256 = "5446fcaa081e6cfa46af8882d779e2be5f86ddec377d5331cbb7e8ef31c34c91"
 },
 inp = {},
 out = {
  valid = true,
  arrays = {{
   name = "a",
   dtype = "uint8",
   array = {shape = {3}, dtype = "uint8", data = {2, 8, 4}}
  }}
 }
},
{
 name = "idx/plain_named.gz",
 op = "idx",
 source = "written with struct after the format's description (magic 00 00 type rank, big-endian sizes and data)",
 note = "not compressed in spite of its name",
 args = {
  file = "idx/plain_named.gz",
  bytes = 11,
  sha256 = "9ab13a0296e9a884877e34640d2a96528d4e861a0155942f40cfba0f34650d3f"
 },
 inp = {},
 out = {
  valid = true,
  arrays = {{
   name = "a",
   dtype = "uint8",
   array = {shape = {3}, dtype = "uint8", data = {2, 8, 4}}
  }}
 }
},
{
 name = "idx/shape_0.idx",
 op = "idx",
 source = "written with struct after the format's description (magic 00 00 type rank, big-endian sizes and data)",
 args = {
  file = "idx/shape_0.idx",
  bytes = 8,
  sha256 = "d49cd2c2d09f5f0c8ca44512f4e25d3228558f0c6b7b333cff567d2959802796"
 },
 inp = {},
 out = {
  valid = true,
  arrays = {{
   name = "a",
   dtype = "uint8",
   array = {shape = {0}, dtype = "uint8", data = {}}
  }}
 }
},
{
 name = "idx/shape_2x0x3.idx",
 op = "idx",
 source = "written with struct after the format's description (magic 00 00 type rank, big-endian sizes and data)",
 args = {
  file = "idx/shape_2x0x3.idx",
  bytes = 16,
  sha256 = "d68108c2b2fb90f47c922f0737cdd943881dae123f6fac04bc7ec4e0cb473298"
 },
 inp = {},
 out = {
  valid = true,
  arrays = {{
   name = "a",
   dtype = "uint8",
   array = {shape = {2, 0, 3}, dtype = "uint8", data = {}}
  }}
 }
},
{
 name = "idx/shape_2x1x2x2.idx",
 op = "idx",
 source = "written with struct after the format's description (magic 00 00 type rank, big-endian sizes and data)",
 args = {
  file = "idx/shape_2x1x2x2.idx",
  bytes = 28,
  sha256 = "45b3f89a133bf4c6730a02932749eacfbd20f1bc3f21410a8708e31fa27eecff"
 },
 inp = {},
 out = {
  valid = true,
  arrays = {{
   name = "a",
   dtype = "uint8",
   array = {shape = {2, 1, 2, 2}, dtype = "uint8", data = {0, 255, 50, 167, 119, 240, 75, 144}}
  }}
 }
},
{
 name = "idx/rank0.idx",
 op = "idx",
 source = "written with struct after the format's description (magic 00 00 type rank, big-endian sizes and data)",
 args = {
  file = "idx/rank0.idx",
  bytes = 5,
  sha256 = "204273319d455be81f4345ca3298b1847fb0ce2ef802fc7715addb95210dffdc"
 },
 inp = {},
 out = {
  valid = true,
  arrays = {{
   name = "a",
   dtype = "uint8",
   array = {shape = {}, dtype = "uint8", data = {42}}
  }},
  may_refuse = true
 }
},
{
 name = "idx/bad_empty.idx",
 op = "idx",
 source = "bytes put together by hand after the format's description",
 args = {
  file = "idx/bad_empty.idx",
  bytes = 0,
  sha256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
 },
 inp = {},
 out = {
  valid = false,
  reason = "empty file"
 }
},
{
 name = "idx/bad_magic.idx",
 op = "idx",
 source = "bytes put together by hand after the format's description",
 args = {
  file = "idx/bad_magic.idx",
  bytes = 24,
  sha256 = "4b6b505af6fcb3374b8571547596aa5d767c753862d184bd4182750f162d6a47"
 },
 inp = {},
 out = {
  valid = false,
  reason = "first two bytes are not zero"
 }
},
{
 name = "idx/bad_type.idx",
 op = "idx",
 source = "bytes put together by hand after the format's description",
 args = {
  file = "idx/bad_type.idx",
  bytes = 24,
  sha256 = "9629ba9921b836105ae2fcbd39cb1dc26260992b53b6929d925a52bf91c4837a"
 },
 inp = {},
 out = {
  valid = false,
  reason = "unknown type code"
 }
},
{
 name = "idx/bad_cut_magic.idx",
 op = "idx",
 source = "bytes put together by hand after the format's description",
 args = {
  file = "idx/bad_cut_magic.idx",
  bytes = 3,
  sha256 = "45baf4ad75fe7f0e9ee25f5277a4be2564e3e8c17c9ef74110cec8649cb95002"
 },
 inp = {},
 out = {
  valid = false,
  reason = "truncated magic"
 }
},
{
 name = "idx/bad_cut_header.idx",
 op = "idx",
 source = "bytes put together by hand after the format's description",
 args = {
  file = "idx/bad_cut_header.idx",
  bytes = 9,
  sha256 = "0afba1ce8a8c5a2aba36ce8b02de4039e7fb0ac20df9495559f4ab0905753e42"
 },
 inp = {},
 out = {
  valid = false,
  reason = "truncated header"
 }
},
{
 name = "idx/bad_cut_data.idx",
 op = "idx",
 source = "bytes put together by hand after the format's description",
 args = {
  file = "idx/bad_cut_data.idx",
  bytes = 22,
  sha256 = "44e6f967f920d65954419ce0283bb244492ecbefc0f4221a690135301920fcb8"
 },
 inp = {},
 out = {
  valid = false,
  reason = "truncated data"
 }
},
{
 name = "idx/bad_trailing.idx",
 op = "idx",
 source = "bytes put together by hand after the format's description",
 args = {
  file = "idx/bad_trailing.idx",
  bytes = 26,
  sha256 = "9b56381793312544116e83c233485c2db916bf20b7bf2f73b285027a0f298d1e"
 },
 inp = {},
 out = {
  valid = false,
  reason = "trailing bytes"
 }
},
{
 name = "idx/bad_lies_more.idx",
 op = "idx",
 source = "bytes put together by hand after the format's description",
 args = {
  file = "idx/bad_lies_more.idx",
  bytes = 28,
  sha256 = "aaf402b7afc6dcbeaea9638ecff1287b6cbcbe46d6960720209cc2ff06e77338"
 },
 inp = {},
 out = {
  valid = false,
  reason = "header promises more data than the file has"
 }
},
{
 name = "idx/bad_overflow.idx",
 op = "idx",
 source = "bytes put together by hand after the format's description",
 args = {
  file = "idx/bad_overflow.idx",
  bytes = 28,
  sha256 = "19129a7e19c8c2d07c8fbf1994d27d3fe956114376a3176b785769df35db389e"
 },
 inp = {},
 out = {
  valid = false,
  reason = "product of sizes overflows 64 bits"
 }
},
{
 name = "idx/bad_overflow_small.idx",
 op = "idx",
 source = "bytes put together by hand after the format's description",
 args = {
  file = "idx/bad_overflow_small.idx",
  bytes = 16,
  sha256 = "94dc92dfa4a8dddb1edb589ef62d53625388ba00484ae899953bb1b5d4811f84"
 },
 inp = {},
 out = {
  valid = false,
  reason = "product of sizes is a multiple of 2^64"
 }
},
{
 name = "idx/bad_overflow_zero.idx",
 op = "idx",
 source = "bytes put together by hand after the format's description",
 args = {
  file = "idx/bad_overflow_zero.idx",
  bytes = 20,
  sha256 = "52c7ab038846bd60b0bbf49231c5f207b5e02e7617798d4cbb14cbb2e907222f"
 },
 inp = {},
 out = {
  valid = false,
  reason = "sizes overflow although the product is 0"
 }
},
{
 name = "idx/bad_rank255.idx",
 op = "idx",
 source = "bytes put together by hand after the format's description",
 args = {
  file = "idx/bad_rank255.idx",
  bytes = 84,
  sha256 = "616dabd5b0ec3a6cb95fc3e064d4735899724ced6cfb301d22c0ebf7904445b6"
 },
 inp = {},
 out = {
  valid = false,
  reason = "rank 255, truncated header"
 }
},
{
 name = "idx/bad_rank100.idx",
 op = "idx",
 source = "bytes put together by hand after the format's description",
 note = "a reader with an arbitrary rank may accept it: one element",
 args = {
  file = "idx/bad_rank100.idx",
  bytes = 405,
  sha256 = "2edd3c8945292cf1f7d34d446019cd1203e53f00aa62a0c3e5813707441f5821"
 },
 inp = {},
 out = {
  valid = false,
  reason = "rank 100",
  may_accept = true
 }
},
{
 name = "idx/bad_little_endian.idx",
 op = "idx",
 source = "bytes put together by hand after the format's description",
 args = {
  file = "idx/bad_little_endian.idx",
  bytes = 24,
  sha256 = "caff46e8b2dcde887daa68c5e7f6467c31f618c63b50d573b263a2cba0099dc9"
 },
 inp = {},
 out = {
  valid = false,
  reason = "sizes in little-endian order"
 }
},
{
 name = "idx/bad_cut.gz",
 op = "idx",
 source = "bytes put together by hand after the format's description",
 args = {
  file = "idx/bad_cut.gz",
  bytes = 21,
  sha256 = "b581513a8c828dccd9f4a7716ed3741c5768ea0f5921ed6f5cd7feccc2c48378"
 },
 inp = {},
 out = {
  valid = false,
  reason = "gzip data ends early"
 }
},
{
 name = "idx/bad_cut_trailer.gz",
 op = "idx",
 source = "bytes put together by hand after the format's description",
 args = {
  file = "idx/bad_cut_trailer.gz",
  bytes = 40,
  sha256 = "27bdd68d81b21977eb201e754945dab2d20561220ae0aa91e8eb0b2ac3576443"
 },
 inp = {},
 out = {
  valid = false,
  reason = "gzip trailer missing"
 }
},
{
 name = "idx/bad_crc.gz",
 op = "idx",
 source = "bytes put together by hand after the format's description",
 args = {
  file = "idx/bad_crc.gz",
  bytes = 43,
  sha256 = "e00f001aa54151c9a355ab93a9e4e7fe395cfdce5402ff34cc2901d77e841d48"
 },
 inp = {},
 out = {
  valid = false,
  reason = "gzip CRC does not match"
 }
},
{
 name = "idx/bad_isize.gz",
 op = "idx",
 source = "bytes put together by hand after the format's description",
 args = {
  file = "idx/bad_isize.gz",
  bytes = 43,
  sha256 = "2f52c025bc151852c1872a4e915b0c673a8a8821e66c5caa8689a0c1162598ea"
 },
 inp = {},
 out = {
  valid = false,
  reason = "gzip length does not match"
 }
},
{
 name = "idx/bad_garbage_after.gz",
 op = "idx",
 source = "bytes put together by hand after the format's description",
 note = "gzip(1) warns and keeps the data",
 args = {
  file = "idx/bad_garbage_after.gz",
  bytes = 50,
  sha256 = "e7bba99024382402c7d336d5e2c46e8c01339b20edb5d164029fccbc281ac7dd"
 },
 inp = {},
 out = {
  valid = false,
  reason = "bytes after the gzip member",
  may_accept = true
 }
},
{
 name = "idx/bad_method.gz",
 op = "idx",
 source = "bytes put together by hand after the format's description",
 args = {
  file = "idx/bad_method.gz",
  bytes = 43,
  sha256 = "a2aecc255b4ea19edafbb84520726e4d33c13e4bfe2c05169cfc0ebbaac74f0d"
 },
 inp = {},
 out = {
  valid = false,
  reason = "unknown gzip method"
 }
},
{
 name = "idx/bad_deflate.gz",
 op = "idx",
 source = "bytes put together by hand after the format's description",
 args = {
  file = "idx/bad_deflate.gz",
  bytes = 38,
  sha256 = "9339cc96f1941ffa7520739f2f4c6d30db0ab00bedc23b649165786c5daff5ff"
 },
 inp = {},
 out = {
  valid = false,
  reason = "damaged deflate data"
 }
},
{
 name = "idx/bad_bomb.gz",
 op = "idx",
 source = "bytes put together by hand after the format's description",
 args = {
  file = "idx/bad_bomb.gz",
  bytes = 4106,
  sha256 = "5e14e5ffce903665101d8d0ed7adfe3ba899775e5f599696f791ec78f9249da7"
 },
 inp = {},
 out = {
  valid = false,
  reason = "unpacks to 4 MiB after a header that promises 10 bytes"
 }
},
{
 name = "idx/bad_bomb_header.gz",
 op = "idx",
 source = "bytes put together by hand after the format's description",
 args = {
  file = "idx/bad_bomb_header.gz",
  bytes = 35,
  sha256 = "b9bc7e7f45868bde22a85ee4e3bfd31dc77f864e5ed8753076f288ad46a61cd1"
 },
 inp = {},
 out = {
  valid = false,
  reason = "header promises 47 MB, 100 bytes follow"
 }
},
{
 name = "idx/bad_not_idx.gz",
 op = "idx",
 source = "bytes put together by hand after the format's description",
 args = {
  file = "idx/bad_not_idx.gz",
  bytes = 32,
  sha256 = "40320ff1ee7a996bb333edc4c60b7af5c8e8b03e6c1fbca9db3aec64935ef966"
 },
 inp = {},
 out = {
  valid = false,
  reason = "unpacks to something that is not IDX"
 }
},
{
 name = "idx/bad_text.idx",
 op = "idx",
 source = "bytes put together by hand after the format's description",
 args = {
  file = "idx/bad_text.idx",
  bytes = 41,
  sha256 = "65f10d6975e96f35ab7764a84a65af7c4e733760ae10012f4d9b12f5614081f1"
 },
 inp = {},
 out = {
  valid = false,
  reason = "an error page saved in place of the data"
 }
},
{
 name = "idx/mismatch-images-idx3-ubyte",
 op = "idx",
 source = "written with struct after the format's description (magic 00 00 type rank, big-endian sizes and data)",
 note = "with mismatch-labels-idx1-ubyte: 4 images, 3 labels: refused as a pair",
 args = {
  file = "idx/mismatch-images-idx3-ubyte",
  bytes = 32,
  sha256 = "0f0df7c40ac58babab1ffd02d70bd790b0a3505f19f010f0132e1def30a3e363"
 },
 inp = {},
 out = {
  valid = true,
  arrays = {{
   name = "a",
   dtype = "uint8",
   array = {shape = {4, 2, 2}, dtype = "uint8", data = {0, 255, 243, 194, 121, 181, 212, 81, 159, 139, 195, 204, 71, 133, 129, 83}}
  }},
  pair_mismatch = true
 }
},
{
 name = "idx/mismatch-labels-idx1-ubyte",
 op = "idx",
 source = "written with struct after the format's description (magic 00 00 type rank, big-endian sizes and data)",
 args = {
  file = "idx/mismatch-labels-idx1-ubyte",
  bytes = 11,
  sha256 = "398a8a7fbd9531f1d9aa2ae368533e137cb53c202c3665f25affcf1ca88844ab"
 },
 inp = {},
 out = {
  valid = true,
  arrays = {{
   name = "a",
   dtype = "uint8",
   array = {shape = {3}, dtype = "uint8", data = {1, 2, 3}}
  }},
  pair_mismatch = true
 }
},
{
 name = "idx/label11-labels-idx1-ubyte",
 op = "idx",
 source = "written with struct after the format's description (magic 00 00 type rank, big-endian sizes and data)",
 note = "a valid file, but 11 is no digit: refused as MNIST labels",
 args = {
  file = "idx/label11-labels-idx1-ubyte",
  bytes = 11,
  sha256 = "27ab310237dbf7e1c8d54bc97b214d5525213a4cb081d2689b686f15295ed5c2"
 },
 inp = {},
 out = {
  valid = true,
  arrays = {{
   name = "a",
   dtype = "uint8",
   array = {shape = {3}, dtype = "uint8", data = {1, 11, 3}}
  }}
 }
},
}}
