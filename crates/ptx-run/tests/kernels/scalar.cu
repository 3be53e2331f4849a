// Arithmetic, conversions and predicates: one thread per case, all results side by side.
typedef unsigned long long u64; typedef long long s64; typedef unsigned u32;
extern "C" __global__ void floats(const double*a,const double*b,const double*c,double*out,int n){
  int i=blockIdx.x*blockDim.x+threadIdx.x; if(i>=n) return; double x=a[i],y=b[i],z=c[i]; double*o=out+16*i;
  o[0]=x+y; o[1]=x-y; o[2]=x*y; o[3]=x/y; o[4]=sqrt(x); o[5]=__fma_rn(x,y,z); o[6]=fmin(x,y); o[7]=fmax(x,y);
  o[8]=-x; o[9]=fabs(x); o[10]=copysign(x,y); o[11]=(double)(float)x; o[12]=floor(x); o[13]=ceil(x); o[14]=trunc(x); o[15]=rint(x); }
extern "C" __global__ void singles(const float*a,const float*b,const float*c,float*out,int n){
  int i=blockIdx.x*blockDim.x+threadIdx.x; if(i>=n) return; float x=a[i],y=b[i],z=c[i]; float*o=out+8*i;
  o[0]=__fadd_rn(x,y); o[1]=__fsub_rn(x,y); o[2]=__fmul_rn(x,y); o[3]=__fdiv_rn(x,y); o[4]=__fsqrt_rn(x); o[5]=__fmaf_rn(x,y,z); o[6]=fminf(x,y); o[7]=fmaxf(x,y); }
extern "C" __global__ void compares(const double*a,const double*b,u32*out,int n){
  int i=blockIdx.x*blockDim.x+threadIdx.x; if(i>=n) return; double x=a[i],y=b[i];
  out[i]=(x<y)|(x<=y)<<1|(x>y)<<2|(x>=y)<<3|(x==y)<<4|(x!=y)<<5|(!(x<y))<<6|(!(x<=y))<<7|(!(x>y))<<8|(!(x>=y))<<9|(x!=x)<<10|isfinite(x)<<11|isinf(x)<<12|signbit(x)<<13; }
extern "C" __global__ void integers(const s64*a,const s64*b,s64*out,int n){
  int i=blockIdx.x*blockDim.x+threadIdx.x; if(i>=n) return; s64 x=a[i],y=b[i]; u64 ux=x,uy=y; int p=(int)x,q=(int)y; u32 up=p,uq=q; s64*o=out+48*i;
  o[0]=x+y; o[1]=x-y; o[2]=x*y; o[3]=q?p/q:0; o[4]=q?p%q:0; o[5]=uq?up/uq:0; o[6]=uq?up%uq:0; o[7]=y?x/y:0; o[8]=y?(s64)(ux%uy):0;
  o[9]=min(p,q); o[10]=max(p,q); o[11]=min(up,uq); o[12]=max(ux,uy); o[13]=abs(p); o[14]=x&y; o[15]=x|y; o[16]=x^y; o[17]=~x;
  o[18]=__popc(up); o[19]=__popcll(ux); o[20]=__clz(p); o[21]=__clzll(x); o[22]=__brev(up); o[23]=(s64)__brevll(ux); o[24]=__ffs(p); o[25]=__ffsll(x);
  o[26]=__mulhi(p,q); o[27]=__umulhi(up,uq); o[28]=__mul64hi(x,y); o[29]=(s64)__umul64hi(ux,uy); o[30]=(s64)p*q; o[31]=(s64)((u64)up*uq);
  o[32]=x>>(q&63); o[33]=(s64)(ux>>(q&63)); o[34]=x<<(q&63); o[35]=p>>(q&31); o[36]=(s64)(up>>(q&31)); o[37]=__byte_perm(up,uq,0x2a71); 
  o[38]=__funnelshift_l(up,uq,q); o[39]=__funnelshift_rc(up,uq,q); o[40]=(short)x; o[41]=(unsigned char)x; o[42]=(signed char)x; o[43]=(unsigned short)(p*3);
  o[44]=__sad(p,q,up); o[45]=(s64)__double2int_rn((double)x*0.001); o[46]=(s64)__double2ll_rz((double)x*1.5); o[47]=__double_as_longlong((double)ux+(double)p+(double)__ll2float_rn(x)); }
extern "C" __global__ void asms(const u32*a,const u32*b,u32*out,int n){
  int i=blockIdx.x*blockDim.x+threadIdx.x; if(i>=n) return; u32 x=a[i],y=b[i]; u32*o=out+16*i;
  asm("bfe.u32 %0,%1,5,9;":"=r"(o[0]):"r"(x)); asm("bfe.s32 %0,%1,5,9;":"=r"(o[1]):"r"(x)); asm("bfi.b32 %0,%1,%2,7,11;":"=r"(o[2]):"r"(x),"r"(y));
  asm("lop3.b32 %0,%1,%2,%3,0x96;":"=r"(o[3]):"r"(x),"r"(y),"r"(x*3)); asm("bfind.u32 %0,%1;":"=r"(o[4]):"r"(x)); asm("bfind.s32 %0,%1;":"=r"(o[5]):"r"(x));
  asm("shl.b32 %0,%1,%2;":"=r"(o[6]):"r"(x),"r"(y)); asm("shr.s32 %0,%1,%2;":"=r"(o[7]):"r"(x),"r"(y)); asm("shr.u32 %0,%1,%2;":"=r"(o[8]):"r"(x),"r"(y));
  asm("{.reg .pred p,q; setp.lt.and.u32 p|q,%1,%2,1; selp.u32 %0,7,9,p; @q add.u32 %0,%0,100; not.pred p,p; @!p add.u32 %0,%0,1000;}":"=r"(o[9]):"r"(x),"r"(y));
  asm("set.gt.u32.s32 %0,%1,%2;":"=r"(o[10]):"r"(x),"r"(y)); asm("slct.u32.s32 %0,%1,%2,%3;":"=r"(o[11]):"r"(x),"r"(y),"r"(y)); asm("cnot.b32 %0,%1;":"=r"(o[12]):"r"(x));
  asm("{.reg .b16 l,h; mov.b32 {l,h},%1; mov.b32 %0,{h,l};}":"=r"(o[13]):"r"(x)); asm("mad.hi.u32 %0,%1,%2,5;":"=r"(o[14]):"r"(x),"r"(y)); asm("mul.wide.u16 %0,%1,%2;":"=r"(o[15]):"h"((unsigned short)x),"h"((unsigned short)y)); }
